-- Administrators edit and search users. The application folds the search key; the default is for servers of the
-- previous version, which do not know the column and may still insert users during and after this migration.
ALTER TABLE users
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN search_key TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Name, username, phone digits, e-mail address and employee code, each on a line of its own.
UPDATE users AS u
   SET search_key = concat(lower(u.name), E'\n', lower(u.username), E'\n', ltrim(u.phone, '+'), E'\n', lower(u.email),
           E'\n', (SELECT lower(s.employee_code) FROM sales_reps AS s WHERE s.tenant_id = u.tenant_id AND s.id = u.id));

-- The order of lists of users.
CREATE INDEX users_list_idx ON users (tenant_id, role, name, id);

-- A required password change limits a user's permissions.
DROP TRIGGER users_after_permission_change ON users;
CREATE TRIGGER users_after_permission_change AFTER UPDATE OF role, state, token_version, must_change_password ON users
    FOR EACH ROW
    WHEN ((OLD.role, OLD.state, OLD.token_version, OLD.must_change_password)
          IS DISTINCT FROM (NEW.role, NEW.state, NEW.token_version, NEW.must_change_password))
    EXECUTE FUNCTION note_user_change();
