ALTER TABLE retailers DROP COLUMN uid_twin;
ALTER TABLE import_places DROP COLUMN name_key, DROP COLUMN area_key, DROP COLUMN region_key;
ALTER TABLE sales_reps DROP COLUMN employee_code_key;
ALTER TABLE place_aliases DROP COLUMN alias_key;
ALTER TABLE distributors DROP COLUMN name_bn_key, DROP COLUMN name_key;
ALTER TABLE territories DROP COLUMN name_bn_key, DROP COLUMN name_key;
ALTER TABLE areas DROP COLUMN name_bn_key, DROP COLUMN name_key;
ALTER TABLE regions DROP COLUMN name_bn_key, DROP COLUMN name_key;
