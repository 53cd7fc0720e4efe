-- Parameters: as in the beginning; $5 the previous key, $6 row limit.
-- Result: sums by day: see `Columns`. The key is the number of days since 1970.
SELECT (day - DATE '1970-01-01')::bigint AS key, NULL::text, NULL::text, count(*), sum(requests)::bigint,
       sum(changes)::bigint, sum(logins)::bigint, min(first_at), max(last_at), NULL::timestamptz
  FROM activity WHERE (day - DATE '1970-01-01')::bigint > $5
 GROUP BY day ORDER BY day LIMIT $6
