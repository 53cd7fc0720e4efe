-- Parameters: $1 current time, $2 tenants, $3 names, $4 next slots; of the jobs to be added, or NULL: $5 kinds, $6 lanes, $7 keys of
-- equal jobs, $8 slots, $9 numbers of missed slots, $10 due times.
-- Result: for each schedule its place in the parameters, from 1, and whether a job was added: not if an equal one has not ended.
, decided AS (
    SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY
        AS d (tenant_id, name, wake_at, kind, lane, dedupe_key, slot, missed, run_at, place)
), added AS (
    INSERT INTO jobs (tenant_id, kind, lane, dedupe_key, schedule, slot, missed_slots, run_at, created_at)
    SELECT tenant_id, kind, lane, dedupe_key, name, slot, missed, run_at, $1 FROM decided WHERE kind IS NOT NULL
        ON CONFLICT DO NOTHING
    RETURNING tenant_id, schedule, id
)
UPDATE schedules AS s
   SET decided_until = $1, wake_at = d.wake_at, last_job_id = coalesce(a.id, s.last_job_id),
       last_slot = CASE WHEN a.id IS NULL THEN s.last_slot ELSE d.slot END
  FROM decided AS d LEFT JOIN added AS a ON a.tenant_id = d.tenant_id AND a.schedule = d.name
 WHERE s.tenant_id = d.tenant_id AND s.name = d.name
RETURNING d.place, a.id IS NOT NULL
