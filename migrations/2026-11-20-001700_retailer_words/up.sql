-- The name prefixes at which a word occurs.
--
-- The pool is ordered by name. A search for a word that many retailers have reaches the first match late along the
-- index of names if their names begin alike ("M/S …", "মেসার্স …": half a million names come first), and from the index
-- of search keys it sorts all matches to return twenty. These tables list the name prefixes at which a word occurs, so
-- that a search reads only there, in order. They are small, because words and prefixes repeat, and they may list too
-- much: an entry is never removed, even if no retailer matches it any more.
CREATE TABLE retailer_vocabulary (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    -- Folded, as in search keys: a word of a name, or the letters of a uid.
    word      TEXT COLLATE "C" NOT NULL CHECK (word <> ''),
    PRIMARY KEY (tenant_id, word)
);
CREATE INDEX retailer_vocabulary_word_idx ON retailer_vocabulary USING gin (word gin_trgm_ops);

CREATE TABLE retailer_words (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    word      TEXT COLLATE "C" NOT NULL,
    -- The first 12 characters of a name, as entered. With fewer, the most frequent prefix has thousands of retailers.
    prefix    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, word, prefix)
);

CREATE FUNCTION retailer_words_of(search_key TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT word FROM unnest(
        string_to_array(split_part(search_key, E'\n', 1), ' ')
        || regexp_split_to_array(split_part(search_key, E'\n', 2), '[^a-z]+')
    ) AS word WHERE word <> ''
$$;

CREATE FUNCTION note_new_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER retailers_words_after_insert AFTER INSERT ON retailers
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_new_retailer_words();

CREATE FUNCTION note_retailer_words() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- Per row, because a trigger with a column list cannot use transition tables; it fires only for renames.
CREATE TRIGGER retailers_words_after_rename AFTER UPDATE OF name, uid, search_key ON retailers FOR EACH ROW
    WHEN ((OLD.name, OLD.search_key) IS DISTINCT FROM (NEW.name, NEW.search_key))
    EXECUTE FUNCTION note_retailer_words();

INSERT INTO retailer_vocabulary (tenant_id, word)
SELECT DISTINCT r.tenant_id, w.word FROM retailers AS r, retailer_words_of(r.search_key) AS w (word);
INSERT INTO retailer_words (tenant_id, word, prefix)
SELECT DISTINCT r.tenant_id, w.word, left(r.name, 12) FROM retailers AS r, retailer_words_of(r.search_key) AS w (word);

GRANT SELECT, INSERT ON retailer_vocabulary, retailer_words TO haat_app;
