-- The pool is shown by name, and names in Bangla come after all others. A search for a frequent word in Bangla, read
-- along the index of all names, met a third of a million names in Latin letters first (0.8 s of 1,000,000); along
-- this one it meets its words at once.
CREATE INDEX retailers_bangla_name_idx ON retailers (tenant_id, name, uid)
    WHERE deleted_at IS NULL AND search_key ~ '[ঀ-৿]';
