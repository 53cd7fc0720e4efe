DROP TRIGGER retailers_after_rename ON retailers;
DROP FUNCTION copy_retailer_name();
DROP INDEX sales_rep_retailers_name_idx;
ALTER TABLE sales_rep_retailers DROP COLUMN name, DROP COLUMN uid;
