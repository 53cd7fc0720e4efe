-- $1 tenant. Whoever changes the map waits for us, and we for them. Imports take turns, a chunk each: two that rename shops
-- would meet each other's search words in any order.
SELECT pg_advisory_xact_lock_shared(hashtextextended(concat('sales map of ', $1), 0)) IS NULL
   AND pg_advisory_xact_lock(hashtextextended(concat('import of ', $1), 0)) IS NULL
