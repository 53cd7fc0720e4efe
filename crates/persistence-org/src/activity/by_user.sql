-- Parameters: as in the beginning; $5 the previous key, $6 row limit.
-- Result: sums by user: see `Columns`. Users in the order of their ids, so that a page reads only its own users.
, page AS (
    SELECT user_id, 1 AS users, sum(requests)::bigint AS requests, sum(changes)::bigint AS changes,
           sum(logins)::bigint AS logins, min(first_at) AS first_at, max(last_at) AS last_at
      FROM activity WHERE user_id > $5 GROUP BY user_id ORDER BY user_id LIMIT $6
)
SELECT p.user_id, u.username, u.name, p.users::bigint, p.requests, p.changes, p.logins, p.first_at, p.last_at,
       (SELECT max(s.last_used_at) FROM sessions AS s WHERE s.tenant_id = $1 AND s.user_id = p.user_id)
  FROM page AS p
  JOIN users AS u ON u.tenant_id = $1 AND u.id = p.user_id
 ORDER BY p.user_id
