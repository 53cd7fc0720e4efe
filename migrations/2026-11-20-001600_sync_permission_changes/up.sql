-- Every process caches the permissions of a user until the feed reports a change, so the database itself writes the
-- entry: no statement, not even a manual one, can disable a user whose requests are then still served from a cache.
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
