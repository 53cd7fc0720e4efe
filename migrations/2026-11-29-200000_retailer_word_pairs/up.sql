-- The pairs of adjacent words in names, and the name prefixes at which each occurs. A search for a part of a name with a space
-- in it ("if restau") finds its few pairs here, while each of its words alone has many retailers. The tables may list too much:
-- an entry is never removed.
-- Changes of retailers wait, so that none is missed.
LOCK TABLE retailers IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE retailer_pair_vocabulary (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    -- Two words separated by a space, folded, as in search keys.
    pair      TEXT COLLATE "C" NOT NULL CHECK (pair <> ''),
    PRIMARY KEY (tenant_id, pair)
);
CREATE TABLE retailer_pairs (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    pair      TEXT COLLATE "C" NOT NULL,
    -- The first 12 characters of a name, as in retailer_words.
    prefix    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, pair, prefix)
);

CREATE FUNCTION retailer_pairs_of(search_key TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT words[number] || ' ' || words[number + 1]
      FROM (SELECT string_to_array(split_part(search_key, E'\n', 1), ' ') AS words) AS name,
           generate_series(1, cardinality(words) - 1) AS number
$$;

-- The letters of a uid begin with a space, so that they never equal a word of a name: millions of uids begin with the same letters, and
-- a search by sound must not find them ("ratul" sounds like the letters of RTL-0000042).
CREATE FUNCTION retailer_uid_words_of(search_key TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT ' ' || letters FROM unnest(regexp_split_to_array(split_part(search_key, E'\n', 2), '[^a-z]+')) AS letters
     WHERE letters <> ''
$$;

CREATE OR REPLACE FUNCTION retailer_words_of(search_key TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT word FROM unnest(string_to_array(split_part(search_key, E'\n', 1), ' ')) AS word WHERE word <> ''
    UNION ALL
    SELECT retailer_uid_words_of(search_key)
$$;

-- The words that are in no pair: a name of one word, and the letters of a uid.
CREATE FUNCTION retailer_lone_words_of(search_key TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT name FROM split_part(search_key, E'\n', 1) AS name WHERE strpos(name, ' ') = 0 AND name <> ''
    UNION ALL
    SELECT retailer_uid_words_of(search_key)
$$;

CREATE OR REPLACE FUNCTION note_new_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Reads each name once and skips existing rows. A pair is added together with its words, so the words of a known pair are
    -- known. Inserts in key order, so that two transactions that add many rows cannot deadlock. Existing rows are looked up by
    -- key, one by one: a join was planned once, when the table was empty.
    WITH all_pairs AS MATERIALIZED (
        SELECT DISTINCT r.tenant_id, p.pair, left(r.name, 12) AS prefix
          FROM new_rows AS r, retailer_pairs_of(r.search_key) AS p (pair)
    ), pairs AS MATERIALIZED (
        SELECT f.tenant_id, f.pair, f.prefix FROM all_pairs AS f
         WHERE (SELECT k.pair FROM retailer_pairs AS k
                 WHERE k.tenant_id = f.tenant_id AND k.pair = f.pair AND k.prefix = f.prefix) IS NULL
    ), words AS MATERIALIZED (
        SELECT p.tenant_id, w.word, p.prefix FROM pairs AS p, unnest(string_to_array(p.pair, ' ')) AS w (word)
        UNION
        SELECT r.tenant_id, w.word, left(r.name, 12) FROM new_rows AS r, retailer_lone_words_of(r.search_key) AS w (word)
    ), pair_vocabulary AS (
        INSERT INTO retailer_pair_vocabulary (tenant_id, pair)
        SELECT DISTINCT p.tenant_id, p.pair FROM pairs AS p ORDER BY 1, 2
        ON CONFLICT DO NOTHING
    ), new_pairs AS (
        INSERT INTO retailer_pairs (tenant_id, pair, prefix)
        SELECT p.tenant_id, p.pair, p.prefix FROM pairs AS p ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING
    ), vocabulary AS (
        INSERT INTO retailer_vocabulary (tenant_id, word, sound)
        SELECT DISTINCT w.tenant_id, w.word, CASE WHEN w.word LIKE ' %' THEN '' END FROM words AS w
         WHERE w.word <> '' ORDER BY 1, 2
        ON CONFLICT DO NOTHING
    )
    INSERT INTO retailer_words (tenant_id, word, prefix)
    SELECT w.tenant_id, w.word, w.prefix FROM words AS w
     WHERE w.word <> '' AND (SELECT k.word FROM retailer_words AS k
             WHERE k.tenant_id = w.tenant_id AND k.word = w.word AND k.prefix = w.prefix) IS NULL
     ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION note_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO retailer_pair_vocabulary (tenant_id, pair)
    SELECT DISTINCT NEW.tenant_id, p.pair FROM retailer_pairs_of(NEW.search_key) AS p (pair) ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    INSERT INTO retailer_pairs (tenant_id, pair, prefix)
    SELECT DISTINCT NEW.tenant_id, p.pair, left(NEW.name, 12)
      FROM retailer_pairs_of(NEW.search_key) AS p (pair) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    INSERT INTO retailer_vocabulary (tenant_id, word, sound)
    SELECT DISTINCT NEW.tenant_id, w.word, CASE WHEN w.word LIKE ' %' THEN '' END
      FROM retailer_words_of(NEW.search_key) AS w (word) ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    INSERT INTO retailer_words (tenant_id, word, prefix)
    SELECT DISTINCT NEW.tenant_id, w.word, left(NEW.name, 12)
      FROM retailer_words_of(NEW.search_key) AS w (word) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- The words are written anew, without the letters of uids among those of names.
TRUNCATE retailer_words;
INSERT INTO retailer_words (tenant_id, word, prefix)
SELECT DISTINCT r.tenant_id, w.word, left(r.name, 12) FROM retailers AS r, retailer_words_of(r.search_key) AS w (word);
DELETE FROM retailer_vocabulary AS v
 WHERE NOT EXISTS (SELECT FROM retailer_words AS w WHERE w.tenant_id = v.tenant_id AND w.word = v.word);
INSERT INTO retailer_vocabulary (tenant_id, word, sound)
SELECT DISTINCT tenant_id, word, '' FROM retailer_words WHERE word LIKE ' %';

INSERT INTO retailer_pair_vocabulary (tenant_id, pair)
SELECT DISTINCT r.tenant_id, p.pair FROM retailers AS r, retailer_pairs_of(r.search_key) AS p (pair);
INSERT INTO retailer_pairs (tenant_id, pair, prefix)
SELECT DISTINCT r.tenant_id, p.pair, left(r.name, 12) FROM retailers AS r, retailer_pairs_of(r.search_key) AS p (pair);
CREATE INDEX retailer_pair_vocabulary_pair_idx ON retailer_pair_vocabulary USING gin (pair gin_trgm_ops);

GRANT SELECT, INSERT ON retailer_pair_vocabulary, retailer_pairs TO haat_app;
