-- Changes of retailers wait, so that none is missed.
LOCK TABLE retailers IN SHARE ROW EXCLUSIVE MODE;

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
     WHERE (SELECT k.word FROM retailer_words AS k
             WHERE k.tenant_id = f.tenant_id AND k.word = f.word AND k.prefix = f.prefix) IS NULL
     ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION note_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO retailer_vocabulary (tenant_id, word)
    SELECT DISTINCT NEW.tenant_id, w.word FROM retailer_words_of(NEW.search_key) AS w (word) ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    INSERT INTO retailer_words (tenant_id, word, prefix)
    SELECT DISTINCT NEW.tenant_id, w.word, left(NEW.name, 12)
      FROM retailer_words_of(NEW.search_key) AS w (word) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION retailer_words_of(search_key TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT word FROM unnest(
        string_to_array(split_part(search_key, E'\n', 1), ' ')
        || regexp_split_to_array(split_part(search_key, E'\n', 2), '[^a-z]+')
    ) AS word WHERE word <> ''
$$;

DROP FUNCTION retailer_lone_words_of(TEXT);
DROP FUNCTION retailer_uid_words_of(TEXT);
DROP FUNCTION retailer_pairs_of(TEXT);
DROP TABLE retailer_pairs;
DROP TABLE retailer_pair_vocabulary;

TRUNCATE retailer_words;
INSERT INTO retailer_words (tenant_id, word, prefix)
SELECT DISTINCT r.tenant_id, w.word, left(r.name, 12) FROM retailers AS r, retailer_words_of(r.search_key) AS w (word);
DELETE FROM retailer_vocabulary WHERE word LIKE ' %';
INSERT INTO retailer_vocabulary (tenant_id, word)
SELECT DISTINCT tenant_id, word FROM retailer_words ON CONFLICT DO NOTHING;
