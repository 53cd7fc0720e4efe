-- One-time passwords of the sales reps that a job has created from a file. No password is stored: each is derived from the
-- nonce with a key of the server, until the passwords have been given to an administrator.
CREATE TABLE password_files (
    tenant_id  BIGINT NOT NULL,
    job_id     BIGINT NOT NULL,
    -- NULL after the passwords have been given, or have expired.
    nonce      BYTEA CHECK (octet_length(nonce) = 32),
    -- Identifies the key of the server, so that another key of the same name yields no wrong passwords.
    key_hash   BYTEA NOT NULL CHECK (octet_length(key_hash) = 32),
    created_at TIMESTAMPTZ NOT NULL,
    given_at   TIMESTAMPTZ,
    given_to   BIGINT,
    PRIMARY KEY (tenant_id, job_id),
    FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, given_to) REFERENCES users (tenant_id, id),
    CONSTRAINT password_files_given_check CHECK ((given_at IS NULL) = (given_to IS NULL))
);
CREATE INDEX password_files_given_to_idx ON password_files (tenant_id, given_to);

-- The users whose password is still the one of the file. A new password of any kind deletes the row.
CREATE TABLE password_file_users (
    tenant_id BIGINT NOT NULL,
    job_id    BIGINT NOT NULL,
    -- The row of the file, from which the password is derived.
    row_no    BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, job_id, row_no),
    FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE UNIQUE INDEX password_file_users_user_key ON password_file_users (tenant_id, user_id);

GRANT SELECT, INSERT, UPDATE ON password_files TO haat_app;
GRANT SELECT, INSERT, DELETE ON password_file_users TO haat_app;
