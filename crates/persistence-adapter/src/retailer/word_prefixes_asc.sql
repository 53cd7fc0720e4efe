-- Parameters: $1 tenant, $2 a LIKE pattern, $3 the prefix to start from (inclusive), $4 row limit.
-- Result: prefixes of names of retailers that have a matching word, in ascending order.
, words AS MATERIALIZED (
    SELECT word FROM retailer_vocabulary WHERE tenant_id = $1 AND word LIKE $2
)
SELECT DISTINCT p.prefix
  FROM words AS w CROSS JOIN LATERAL (
      SELECT prefix FROM retailer_words
       WHERE tenant_id = $1 AND word = w.word AND prefix >= $3
       ORDER BY prefix LIMIT $4
  ) AS p
 ORDER BY p.prefix LIMIT $4
