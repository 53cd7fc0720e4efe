-- Result: one row if the caller is still allowed to act: whether the grants are still those of the access version.
SELECT current FROM caller
