-- Parameters: $1 tenant, $2 words, $3 their sounds.
-- Result: one row: the number of words.
, changed AS (
    UPDATE retailer_vocabulary AS v SET sound = n.sound FROM unnest($2::text[], $3::text[]) AS n (word, sound)
     WHERE v.tenant_id = $1 AND v.word = n.word
    RETURNING 1
)
SELECT count(*) FROM changed
