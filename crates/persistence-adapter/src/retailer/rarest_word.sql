-- Parameters: $1 tenant, $2 LIKE patterns and $3 sounds, one of each for each word (NULL: none), $4 the count at which counting
-- stops.
-- Result: one row: the number of the rarest word (from 1), and how many pairs of word and prefix match it, $4 at most.
SELECT t.number, (
    SELECT count(*) FROM (
        SELECT FROM vocabulary AS v
          CROSS JOIN LATERAL (
              SELECT FROM occurrences AS w WHERE w.tenant_id = $1 AND w.word = v.word LIMIT $4
          ) AS matches
         WHERE v.tenant_id = $1 AND (v.word LIKE t.pattern OR v.sound = t.sound) LIMIT $4
    ) AS counted
) FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (pattern, sound, number) ORDER BY 2, 1 LIMIT 1
