-- Parameters: $1 tenant, $2 a LIKE pattern and $3 a sound of the rarest word, $4 and $5 those of the other words (NULL: none),
-- $6 whether all words are frequent, $7 the prefix to start from (inclusive), $8 row limit.
-- Result: prefixes of names of retailers that have a match of each word, in descending order.
, words AS MATERIALIZED (
    SELECT word FROM vocabulary WHERE tenant_id = $1 AND (word LIKE $2 OR sound = $3)
), others AS MATERIALIZED (
    SELECT ARRAY(SELECT word FROM vocabulary
                  WHERE tenant_id = $1 AND (word LIKE t.pattern OR sound = t.sound)) AS words
      FROM unnest($4::text[], $5::text[]) AS t (pattern, sound)
)
SELECT DISTINCT p.prefix
  FROM words AS w CROSS JOIN LATERAL (
      SELECT prefix FROM occurrences AS r
       WHERE tenant_id = $1 AND word = w.word AND prefix <= $7
         -- Many prefixes are compared with all prefixes of one other word, a few with each word by key.
         AND CASE WHEN $6 THEN r.prefix IN (
             SELECT k.prefix FROM occurrences AS k
              WHERE k.tenant_id = $1 AND k.word = ANY (ARRAY(SELECT unnest(words) FROM (SELECT words FROM others LIMIT 1) AS o))
         ) ELSE NOT EXISTS (SELECT FROM others AS o WHERE NOT EXISTS (
             SELECT FROM occurrences AS k WHERE k.tenant_id = $1 AND k.word = ANY (o.words) AND k.prefix = r.prefix
         )) END
       ORDER BY prefix DESC LIMIT $8
  ) AS p
 ORDER BY p.prefix DESC LIMIT $8
