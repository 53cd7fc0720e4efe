-- A cache asks many times a second what has been committed since it last asked, in all tenants: the transactions
-- that were open then or have begun since.
CREATE INDEX changes_tx_idx ON changes (tx_id);
