-- Parameters: $1 lane.
-- Serializes the claims of a lane until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended(concat('claims of jobs in ', $1), 0)) IS NULL
