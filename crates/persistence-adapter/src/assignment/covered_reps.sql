-- Parameters: those of covered.sql.
-- Result: the ids of the sales reps that the caller's permission covers.
SELECT id FROM covered
