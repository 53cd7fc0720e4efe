DROP TRIGGER users_after_permission_change ON users;
CREATE TRIGGER users_after_permission_change AFTER UPDATE OF role, state, token_version ON users FOR EACH ROW
    WHEN ((OLD.role, OLD.state, OLD.token_version) IS DISTINCT FROM (NEW.role, NEW.state, NEW.token_version))
    EXECUTE FUNCTION note_user_change();
DROP INDEX users_list_idx;
ALTER TABLE users DROP COLUMN search_key, DROP COLUMN version;
