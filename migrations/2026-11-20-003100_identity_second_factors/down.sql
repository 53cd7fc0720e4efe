REVOKE UPDATE (mfa_required_for_admins) ON tenants FROM haat_app;
DROP TRIGGER tenants_after_permission_change ON tenants;
CREATE TRIGGER tenants_after_state_change AFTER UPDATE OF state ON tenants FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION note_tenant_change();
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE tenants DROP COLUMN mfa_required_for_admins;
ALTER TABLE users DROP COLUMN mfa_enabled;
