CREATE OR REPLACE FUNCTION note_new_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In order, so that two who add many at once wait for each other and not both.
    INSERT INTO retailer_vocabulary (tenant_id, word)
    SELECT DISTINCT r.tenant_id, w.word FROM new_rows AS r, retailer_words_of(r.search_key) AS w (word) ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    INSERT INTO retailer_words (tenant_id, word, prefix)
    SELECT DISTINCT r.tenant_id, w.word, left(r.name, 12)
      FROM new_rows AS r, retailer_words_of(r.search_key) AS w (word) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
