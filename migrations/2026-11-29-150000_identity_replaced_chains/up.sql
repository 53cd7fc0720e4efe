-- A change of the password or of the second factor starts a new chain of refresh tokens. The response with the first token
-- can be lost; then the client still has the latest token of the chain before, which continues as long as the new chain is
-- unused.
ALTER TABLE sessions
    ADD COLUMN replaced_family_hash  BYTEA CHECK (octet_length(replaced_family_hash) = 32),
    ADD COLUMN replaced_current_hash BYTEA CHECK (octet_length(replaced_current_hash) = 32),
    ADD CONSTRAINT sessions_replaced_chain_check CHECK ((replaced_family_hash IS NULL) = (replaced_current_hash IS NULL));
