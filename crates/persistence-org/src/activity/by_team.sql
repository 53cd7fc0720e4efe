-- Parameters: as in the beginning; $5 the previous key, $6 row limit.
-- Result: sums by the present team of the users: see `Columns`. The key is the id of the team, 0 for users without one.
, users_of_days AS (
    SELECT user_id, sum(requests) AS requests, sum(changes) AS changes, sum(logins) AS logins, min(first_at) AS first_at,
           max(last_at) AS last_at,
           (SELECT max(s.last_used_at) FROM sessions AS s WHERE s.tenant_id = $1 AND s.user_id = a.user_id) AS session_at
      FROM activity AS a GROUP BY user_id
), page AS (
    SELECT coalesce(m.team_id, 0) AS team_id, count(*) AS users, sum(a.requests)::bigint AS requests,
           sum(a.changes)::bigint AS changes, sum(a.logins)::bigint AS logins, min(a.first_at) AS first_at,
           max(a.last_at) AS last_at, max(a.session_at) AS session_at
      FROM users_of_days AS a
      LEFT JOIN team_members AS m ON m.tenant_id = $1 AND m.user_id = a.user_id
     WHERE coalesce(m.team_id, 0) > $5
     GROUP BY 1 ORDER BY 1 LIMIT $6
)
SELECT p.team_id, NULL::text, t.name, p.users, p.requests, p.changes, p.logins, p.first_at, p.last_at, p.session_at
  FROM page AS p
  LEFT JOIN teams AS t ON t.tenant_id = $1 AND t.id = p.team_id
 ORDER BY p.team_id
