DROP TABLE sessions;
-- A login on one device. Each refresh token replaces the previous one; using a replaced token ends the session.
CREATE TABLE sessions (
    tenant_id    BIGINT NOT NULL,
    id           UUID NOT NULL,
    user_id      BIGINT NOT NULL,
    device_id    TEXT,
    device_name  TEXT,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    last_used_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at   TIMESTAMPTZ NOT NULL,
    revoked_at   TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX sessions_user_idx ON sessions (tenant_id, user_id);

CREATE TABLE refresh_tokens (
    tenant_id   BIGINT NOT NULL,
    -- SHA-256 of the token. Only the phone has the token itself.
    token_hash  BYTEA NOT NULL CHECK (octet_length(token_hash) = 32),
    session_id  UUID NOT NULL,
    -- The token it was exchanged for. The exchange may be repeated until that token is used, because a response can be
    -- lost.
    replaced_by BYTEA,
    used_at     TIMESTAMPTZ,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (tenant_id, session_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, refresh_tokens TO haat_app;
