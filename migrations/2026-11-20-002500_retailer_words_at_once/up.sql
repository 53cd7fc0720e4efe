-- A chunk of an import adds 5,000 retailers at a time, and most of their words exist already: each name is split once
-- instead of twice, and existing words are not inserted again (78 ms instead of 93).
CREATE OR REPLACE FUNCTION note_new_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One look at each name; what is known already is not tried. In order, so that two who add many at once wait for each
    -- other and not both.
    WITH found AS MATERIALIZED (
        SELECT DISTINCT r.tenant_id, w.word, left(r.name, 12) AS prefix
          FROM new_rows AS r, retailer_words_of(r.search_key) AS w (word)
    ), vocabulary AS (
        INSERT INTO retailer_vocabulary (tenant_id, word)
        SELECT DISTINCT f.tenant_id, f.word FROM found AS f ORDER BY 1, 2
        ON CONFLICT DO NOTHING
    )
    INSERT INTO retailer_words (tenant_id, word, prefix)
    SELECT f.tenant_id, f.word, f.prefix FROM found AS f
     WHERE NOT EXISTS (
        SELECT FROM retailer_words AS k WHERE k.tenant_id = f.tenant_id AND k.word = f.word AND k.prefix = f.prefix
     ) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
