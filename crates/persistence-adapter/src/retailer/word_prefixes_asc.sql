-- Parameters: $1 tenant, $2 a LIKE pattern and $3 a sound of the rarest word, $4 and $5 those of the other words (NULL: none),
-- $6 the prefix to start from (inclusive), $7 row limit.
-- Result: prefixes of names of retailers that have a match of each word, in ascending order.
, words AS MATERIALIZED (
    SELECT word FROM retailer_vocabulary WHERE tenant_id = $1 AND (word LIKE $2 OR sound = $3)
), others AS MATERIALIZED (
    SELECT ARRAY(SELECT word FROM retailer_vocabulary
                  WHERE tenant_id = $1 AND (word LIKE t.pattern OR sound = t.sound)) AS words
      FROM unnest($4::text[], $5::text[]) AS t (pattern, sound)
)
SELECT DISTINCT p.prefix
  FROM words AS w CROSS JOIN LATERAL (
      SELECT prefix FROM retailer_words AS r
       WHERE tenant_id = $1 AND word = w.word AND prefix >= $6
         AND NOT EXISTS (SELECT FROM others AS o WHERE NOT EXISTS (
             SELECT FROM retailer_words AS k WHERE k.tenant_id = $1 AND k.word = ANY (o.words) AND k.prefix = r.prefix
         ))
       ORDER BY prefix LIMIT $7
  ) AS p
 ORDER BY p.prefix LIMIT $7
