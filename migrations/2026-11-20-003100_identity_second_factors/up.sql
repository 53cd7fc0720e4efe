-- A second factor in addition to the password: codes of an authenticator app (RFC 6238), and recovery codes for users
-- who have lost it.

-- Whether the user has a second factor. Stored here and not with the seed, because every change checks it for its
-- caller.
ALTER TABLE users ADD COLUMN mfa_enabled BOOLEAN NOT NULL DEFAULT FALSE;

-- Whether administrators without a second factor may do nothing but set one up.
ALTER TABLE tenants ADD COLUMN mfa_required_for_admins BOOLEAN NOT NULL DEFAULT FALSE;

-- Same id as the user.
CREATE TABLE second_factors (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    -- Encrypted with a key that the database does not have.
    sealed_seed TEXT COLLATE "C" NOT NULL CHECK (length(sealed_seed) BETWEEN 1 AND 500),
    -- The 30-second time step of the last code used: codes of this step and earlier ones are rejected.
    last_step   BIGINT NOT NULL DEFAULT 0,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES users (tenant_id, id)
);

-- A used code is deleted.
CREATE TABLE recovery_codes (
    tenant_id BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    -- SHA-256 of more than 112 random bits, so a slower hash is not needed (ASVS 5.0, 6.5.2).
    code_hash BYTEA NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (tenant_id, user_id, code_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES second_factors (tenant_id, id) ON DELETE CASCADE
);

-- The requirement limits the permissions of the tenant's administrators.
DROP TRIGGER tenants_after_state_change ON tenants;
CREATE TRIGGER tenants_after_permission_change AFTER UPDATE OF state, mfa_required_for_admins ON tenants FOR EACH ROW
    WHEN ((OLD.state, OLD.mfa_required_for_admins) IS DISTINCT FROM (NEW.state, NEW.mfa_required_for_admins))
    EXECUTE FUNCTION note_tenant_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors TO haat_app;
GRANT SELECT, INSERT, DELETE ON recovery_codes TO haat_app;
-- The only column of a tenant that its own administrators can set.
GRANT UPDATE (mfa_required_for_admins) ON tenants TO haat_app;
