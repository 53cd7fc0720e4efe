-- Parameters: as in the beginning; $5 the previous key, $6 row limit, $7 the roles, the highest first.
-- Result: sums by the present highest role of the users: see `Columns`. The key is the position of the role in $7.
, users_of_days AS (
    SELECT user_id, sum(requests) AS requests, sum(changes) AS changes, sum(logins) AS logins, min(first_at) AS first_at,
           max(last_at) AS last_at,
           (SELECT max(s.last_used_at) FROM sessions AS s WHERE s.tenant_id = $1 AND s.user_id = a.user_id) AS session_at
      FROM activity AS a GROUP BY user_id
)
SELECT array_position($7::text[], u.role)::bigint AS key, u.role, NULL::text, count(*), sum(a.requests)::bigint,
       sum(a.changes)::bigint, sum(a.logins)::bigint, min(a.first_at), max(a.last_at), max(a.session_at)
  FROM users_of_days AS a
  JOIN users AS u ON u.tenant_id = $1 AND u.id = a.user_id
 WHERE array_position($7::text[], u.role) > $5
 GROUP BY u.role ORDER BY 1 LIMIT $6
