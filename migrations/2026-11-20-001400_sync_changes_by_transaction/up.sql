-- A cache polls many times a second, across all tenants, for changes committed since the last poll: those of
-- transactions that were open then or have started since.
CREATE INDEX changes_tx_idx ON changes (tx_id);
