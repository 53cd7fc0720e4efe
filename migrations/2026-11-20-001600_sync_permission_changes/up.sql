-- What a user may do is remembered by every process until the feed says that it changed, so the database itself says
-- so: no statement, not even one typed by hand, can disable a user and leave them reading.
CREATE FUNCTION note_user_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES (NEW.tenant_id, 'user', NEW.id, 'permission');
    RETURN NULL;
END
$$;
CREATE TRIGGER users_after_permission_change AFTER UPDATE OF role, state, token_version ON users FOR EACH ROW
    WHEN ((OLD.role, OLD.state, OLD.token_version) IS DISTINCT FROM (NEW.role, NEW.state, NEW.token_version))
    EXECUTE FUNCTION note_user_change();

CREATE FUNCTION note_tenant_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES (NEW.id, 'tenant', NEW.id, 'permission');
    RETURN NULL;
END
$$;
CREATE TRIGGER tenants_after_state_change AFTER UPDATE OF state ON tenants FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION note_tenant_change();
