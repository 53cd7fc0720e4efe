-- Parameters: $1 tenant, $2 user, $3 idempotency key.
-- Result: whether the key was locked until the transaction ends; false if another transaction holds it.
SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(':', $1, $2, $3), 0))
