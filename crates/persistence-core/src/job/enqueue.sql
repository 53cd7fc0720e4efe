, added AS (
    INSERT INTO jobs (tenant_id, kind, lane, priority, actor_id, payload, dedupe_key, run_at, expires_at, created_at, schedule)
    SELECT $1, $2, $3, $4, $5, $6, $7, haat_now() + $8 * interval '1 second', $9, $10, $12
      FROM room WHERE is_free
        ON CONFLICT (tenant_id, kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING
    RETURNING id
)
SELECT (SELECT id FROM added), NOT is_free AND NOT is_found FROM room, equal
