-- A second factor beside the password: codes of an authenticator app (RFC 6238), and recovery codes for who has lost it.

-- Whether they have one. Beside the seed and not with it, as every change asks this of its caller.
ALTER TABLE users ADD COLUMN mfa_enabled BOOLEAN NOT NULL DEFAULT FALSE;

-- Whether administrators without one may do nothing but set it up.
ALTER TABLE tenants ADD COLUMN mfa_required_for_admins BOOLEAN NOT NULL DEFAULT FALSE;

-- Same id as the user.
CREATE TABLE second_factors (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    -- Sealed with a key that the database does not have.
    sealed_seed TEXT COLLATE "C" NOT NULL CHECK (length(sealed_seed) BETWEEN 1 AND 500),
    -- The number of the 30 seconds whose code was used last: none of those or before is taken again.
    last_step   BIGINT NOT NULL DEFAULT 0,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES users (tenant_id, id)
);

-- One that is used is deleted.
CREATE TABLE recovery_codes (
    tenant_id BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    -- SHA-256 of more than 112 random bits, so nothing slower is needed (ASVS 5.0, 6.5.2).
    code_hash BYTEA NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (tenant_id, user_id, code_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES second_factors (tenant_id, id) ON DELETE CASCADE
);

-- Whether it is required is a part of what everybody there may do.
DROP TRIGGER tenants_after_state_change ON tenants;
CREATE TRIGGER tenants_after_permission_change AFTER UPDATE OF state, mfa_required_for_admins ON tenants FOR EACH ROW
    WHEN ((OLD.state, OLD.mfa_required_for_admins) IS DISTINCT FROM (NEW.state, NEW.mfa_required_for_admins))
    EXECUTE FUNCTION note_tenant_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors TO haat_app;
GRANT SELECT, INSERT, DELETE ON recovery_codes TO haat_app;
-- The one thing of a company that its own administrators set.
GRANT UPDATE (mfa_required_for_admins) ON tenants TO haat_app;
