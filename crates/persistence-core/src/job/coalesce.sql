, added AS (
    INSERT INTO jobs (tenant_id, kind, lane, priority, actor_id, payload, dedupe_key, coalesces, run_at, expires_at, created_at, schedule)
    SELECT $1, $2, $3, $4, $5, $6, $7, true, haat_now() + $8 * interval '1 second', $9, $10, $12
      FROM room, equal WHERE is_free OR is_found
        -- Locks the queued job until the commit, because a claim skips locked jobs: DO NOTHING would let a worker read the data
        -- before this commit and end the only job that could have seen it.
        ON CONFLICT (tenant_id, kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state IN ('queued', 'running')
        DO UPDATE SET run_at = jobs.run_at
    RETURNING id, xmax = 0 AS is_new
)
SELECT (SELECT id FROM added WHERE is_new), NOT is_free AND NOT is_found FROM room, equal
