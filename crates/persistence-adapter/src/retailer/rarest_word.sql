-- $1 tenant, $2 patterns of LIKE, a word each, $3 how far to count.
SELECT t.number, (
    SELECT count(*) FROM (
        SELECT FROM retailer_vocabulary AS v
          CROSS JOIN LATERAL (
              SELECT FROM retailer_words AS w WHERE w.tenant_id = $1 AND w.word = v.word LIMIT $3
          ) AS met
         WHERE v.tenant_id = $1 AND v.word LIKE t.pattern LIMIT $3
    ) AS found
) FROM unnest($2::text[]) WITH ORDINALITY AS t (pattern, number) ORDER BY 2, 1 LIMIT 1
