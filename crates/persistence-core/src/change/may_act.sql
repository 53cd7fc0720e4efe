-- Result: the user's id, if the caller is still allowed to act.
SELECT id FROM caller
