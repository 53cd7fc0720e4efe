-- Jobs that exist because time has passed. Kind, cron expression and lane are declared in the code; this table has the state.
CREATE TABLE schedules (
    tenant_id     BIGINT NOT NULL REFERENCES tenants (id),
    name          TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    enabled       BOOLEAN NOT NULL DEFAULT true,
    -- A job was made for each slot up to this time, or it was decided to make none. A new row starts now, so that no slot of the
    -- past is made up.
    decided_until TIMESTAMPTZ NOT NULL DEFAULT haat_now(),
    last_slot     TIMESTAMPTZ,
    -- The next slot. The first look at a row computes it.
    wake_at       TIMESTAMPTZ DEFAULT haat_now(),
    -- The last job. No foreign key: old jobs are deleted.
    last_job_id   BIGINT,
    -- Raised by changes of users.
    version       BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, name)
);
CREATE INDEX schedules_wake_idx ON schedules (wake_at) WHERE enabled;
GRANT SELECT, INSERT, UPDATE ON schedules TO haat_app;

ALTER TABLE jobs
    ADD COLUMN schedule     TEXT COLLATE "C" CHECK (length(schedule) <= 100),
    ADD COLUMN slot         TIMESTAMPTZ,
    ADD COLUMN missed_slots INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX jobs_slot_key ON jobs (tenant_id, schedule, slot) WHERE slot IS NOT NULL;

-- In another time zone the next slot is at another time. As with a new row, no slot of the past is made up.
CREATE FUNCTION restart_schedules() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schedules SET decided_until = haat_now(), wake_at = haat_now() WHERE tenant_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tenants_restart_schedules AFTER UPDATE OF time_zone ON tenants
    FOR EACH ROW WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION restart_schedules();
