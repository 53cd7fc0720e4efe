-- The first response to a request that changed data, stored in the transaction of the change, so that a client that
-- lost the response may retry.
CREATE TABLE idempotency_keys (
    tenant_id  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    key        TEXT COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    route      TEXT COLLATE "C" NOT NULL CHECK (length(route) <= 255),
    body_hash  BYTEA NOT NULL,
    status     SMALLINT NOT NULL,
    location   TEXT,
    etag       TEXT,
    -- Bytes, not JSON: the ETag identifies exactly these bytes.
    body       BYTEA,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id, key),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
-- Old keys are removed by age.
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);

GRANT SELECT, INSERT, DELETE ON idempotency_keys TO haat_app;
