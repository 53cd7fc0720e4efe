-- The pool is ordered by name, and names in Bangla sort after all others. A search for a frequent word in Bangla that
-- read the index of all names passed a third of a million names in Latin letters first (0.8 s for 1,000,000); with this
-- index it finds matches at once.
CREATE INDEX retailers_bangla_name_idx ON retailers (tenant_id, name, uid)
    WHERE deleted_at IS NULL AND search_key ~ '[ঀ-৿]';
