-- Parameters: $1 tenant, $2 user, $3 and $4 the first and the last day.
-- Result: one row with the user and the last use of a session, without a day, and one row for each day with activity.
SELECT NULL::date AS day, u.username, u.name, 0::bigint AS requests, 0::bigint AS changes, 0::bigint AS logins,
       NULL::timestamptz AS first_at, NULL::timestamptz AS last_at,
       (SELECT max(s.last_used_at) FROM sessions AS s WHERE s.tenant_id = $1 AND s.user_id = $2) AS session_at
  FROM users AS u WHERE u.tenant_id = $1 AND u.id = $2
UNION ALL
SELECT a.day, NULL, NULL, a.requests, a.changes, a.logins, a.first_at, a.last_at, NULL
  FROM user_activity AS a WHERE a.tenant_id = $1 AND a.user_id = $2 AND a.day BETWEEN $3 AND $4
 ORDER BY day NULLS FIRST
