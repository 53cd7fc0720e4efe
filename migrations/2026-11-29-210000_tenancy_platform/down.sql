DROP TRIGGER tenants_after_permission_change ON tenants;
CREATE TRIGGER tenants_after_permission_change AFTER UPDATE OF state, mfa_required_for_admins ON tenants FOR EACH ROW
    WHEN ((OLD.state, OLD.mfa_required_for_admins) IS DISTINCT FROM (NEW.state, NEW.mfa_required_for_admins))
    EXECUTE FUNCTION note_tenant_change();
-- Fails if the platform tenant has users: they have to be deleted by hand, with everything that refers to them.
DELETE FROM changes WHERE tenant_id = (SELECT id FROM tenants WHERE kind = 'platform');
DELETE FROM tenants WHERE kind = 'platform';
DROP INDEX tenants_platform_key;
ALTER TABLE tenants DROP COLUMN support_access, DROP COLUMN version, DROP COLUMN kind;
