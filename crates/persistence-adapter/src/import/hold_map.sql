-- Parameters: $1 tenant.
-- Result: true. Locks until the transaction ends.
-- Changes of the sales map wait for this transaction, and this one waits for them. Imports of a tenant take turns, one chunk
-- each: two imports that rename retailers would insert each other's search words in any order.
SELECT pg_advisory_xact_lock_shared(hashtextextended(concat('sales map of ', $1), 0)) IS NULL
   AND pg_advisory_xact_lock(hashtextextended(concat('import of ', $1), 0)) IS NULL
