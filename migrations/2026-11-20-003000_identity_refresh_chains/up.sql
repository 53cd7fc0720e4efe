-- One row for each session and none for its tokens: neither table is in use yet, and of a token a day for 60 days only
-- the common part, the current and the previous token must be known to tell them apart.
DROP TABLE refresh_tokens;
DROP TABLE sessions;
CREATE TABLE sessions (
    tenant_id     BIGINT NOT NULL,
    id            UUID NOT NULL,
    user_id       BIGINT NOT NULL,
    -- The token version of the user at login. If the user's version differs, the session has ended.
    token_version INTEGER NOT NULL,
    device_id     TEXT COLLATE "C" CHECK (length(device_id) BETWEEN 1 AND 128),
    program       TEXT CHECK (length(program) BETWEEN 1 AND 200),
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL,
    ended_at      TIMESTAMPTZ,
    -- SHA-256. Only the phone has the tokens themselves.
    family_hash   BYTEA NOT NULL CHECK (octet_length(family_hash) = 32),
    current_hash  BYTEA NOT NULL CHECK (octet_length(current_hash) = 32),
    previous_hash BYTEA CHECK (octet_length(previous_hash) = 32),
    -- The next token is derived from this and the current token; neither alone is enough.
    seed          BYTEA NOT NULL CHECK (octet_length(seed) = 32),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX sessions_user_idx ON sessions (tenant_id, user_id, last_used_at);
-- Each login checks whether the user has logged in with the device before.
CREATE INDEX sessions_device_idx ON sessions (tenant_id, user_id, device_id) WHERE device_id IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO haat_app;
