-- Counts of the requests of each user on each day of the tenant's time zone. The table never holds what was read.
CREATE TABLE user_activity (
    tenant_id BIGINT NOT NULL,
    day       DATE NOT NULL,
    user_id   BIGINT NOT NULL,
    requests  BIGINT NOT NULL CHECK (requests >= 0),
    changes   BIGINT NOT NULL CHECK (changes >= 0),
    logins    BIGINT NOT NULL CHECK (logins >= 0),
    first_at  TIMESTAMPTZ NOT NULL,
    last_at   TIMESTAMPTZ NOT NULL CHECK (last_at >= first_at),
    PRIMARY KEY (tenant_id, day, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
-- A row is updated twice a minute while its user works: the free space keeps the new versions on the same page.
) WITH (fillfactor = 70);
-- The days of one user, and users in the order of their ids.
CREATE INDEX user_activity_user_idx ON user_activity (tenant_id, user_id, day);

GRANT SELECT, INSERT, UPDATE ON user_activity TO haat_app;
