ALTER TABLE distributors DROP COLUMN version, DROP COLUMN name_bn;
ALTER TABLE territories DROP COLUMN version;
ALTER TABLE areas DROP COLUMN version;
ALTER TABLE regions DROP COLUMN version;
