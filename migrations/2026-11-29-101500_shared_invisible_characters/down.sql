-- The removed characters are not needed: older versions find texts without them.
SELECT;
