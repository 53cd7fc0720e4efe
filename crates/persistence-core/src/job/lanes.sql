-- Parameters: $1 lanes.
-- Result: each lane with its queued jobs of active tenants, its running jobs, and the seconds since the oldest queued one was due.
SELECT lane, coalesce(q.count, 0), coalesce(r.count, 0), coalesce(q.oldest, 0)::float8
  FROM unnest($1) AS lane
  LEFT JOIN (
    SELECT j.lane, count(*), greatest(max(extract(epoch FROM haat_now() - j.run_at)), 0) AS oldest
      FROM jobs AS j JOIN tenants AS t ON t.id = j.tenant_id AND t.state = 'active'
     WHERE j.state = 'queued' GROUP BY j.lane) AS q USING (lane)
  LEFT JOIN (SELECT lane, count(*) FROM jobs WHERE state = 'running' GROUP BY lane) AS r USING (lane)
