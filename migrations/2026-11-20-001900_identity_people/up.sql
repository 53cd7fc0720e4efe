-- People are edited and searched for by administrators. The key is folded by the application; the default is for a
-- server of the version before, which knows nothing of it and may still add users while and after this runs.
ALTER TABLE users
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN search_key TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Name, username, phone digits, e-mail address and employee code, each on a line of its own.
UPDATE users AS u
   SET search_key = concat(lower(u.name), E'\n', lower(u.username), E'\n', ltrim(u.phone, '+'), E'\n', lower(u.email),
           E'\n', (SELECT lower(s.employee_code) FROM sales_reps AS s WHERE s.tenant_id = u.tenant_id AND s.id = u.id));

-- The order in which people are listed.
CREATE INDEX users_list_idx ON users (tenant_id, role, name, id);

-- Whether somebody must change their password is a part of what they may do.
DROP TRIGGER users_after_permission_change ON users;
CREATE TRIGGER users_after_permission_change AFTER UPDATE OF role, state, token_version, must_change_password ON users
    FOR EACH ROW
    WHEN ((OLD.role, OLD.state, OLD.token_version, OLD.must_change_password)
          IS DISTINCT FROM (NEW.role, NEW.state, NEW.token_version, NEW.must_change_password))
    EXECUTE FUNCTION note_user_change();
