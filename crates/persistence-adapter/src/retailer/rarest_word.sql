-- Parameters: $1 tenant, $2 LIKE patterns, one for each word, $3 the count at which counting stops.
-- Result: one row: the number of the rarest pattern (from 1), and how many pairs of word and prefix match it, $3 at most.
SELECT t.number, (
    SELECT count(*) FROM (
        SELECT FROM retailer_vocabulary AS v
          CROSS JOIN LATERAL (
              SELECT FROM retailer_words AS w WHERE w.tenant_id = $1 AND w.word = v.word LIMIT $3
          ) AS matches
         WHERE v.tenant_id = $1 AND v.word LIKE t.pattern LIMIT $3
    ) AS counted
) FROM unnest($2::text[]) WITH ORDINALITY AS t (pattern, number) ORDER BY 2, 1 LIMIT 1
