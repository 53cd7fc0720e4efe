CREATE INDEX retailers_search_idx ON retailers USING gin (search_key gin_trgm_ops);
