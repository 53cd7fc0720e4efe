-- Names are unique in the form in which lookups compare them: without case, extra blanks and invisible characters
-- (haat_domain::shared::fold). The application writes this form; `haat migrate` fills it for existing rows. Where two
-- existing names collide, the older row keeps the key and the other has none, so that this migration cannot fail.
ALTER TABLE regions      ADD COLUMN name_key TEXT COLLATE "C", ADD COLUMN name_bn_key TEXT COLLATE "C";
ALTER TABLE areas        ADD COLUMN name_key TEXT COLLATE "C", ADD COLUMN name_bn_key TEXT COLLATE "C";
ALTER TABLE territories  ADD COLUMN name_key TEXT COLLATE "C", ADD COLUMN name_bn_key TEXT COLLATE "C";
ALTER TABLE distributors ADD COLUMN name_key TEXT COLLATE "C", ADD COLUMN name_bn_key TEXT COLLATE "C";
ALTER TABLE place_aliases ADD COLUMN alias_key TEXT COLLATE "C";
ALTER TABLE sales_reps   ADD COLUMN employee_code_key TEXT COLLATE "C";

CREATE UNIQUE INDEX regions_name_key_key ON regions (tenant_id, name_key);
CREATE UNIQUE INDEX areas_name_key_key ON areas (tenant_id, region_id, name_key);
CREATE UNIQUE INDEX territories_name_key_key ON territories (tenant_id, area_id, name_key);
CREATE UNIQUE INDEX distributors_name_key_key ON distributors (tenant_id, name_key);
CREATE UNIQUE INDEX sales_reps_employee_code_key_key ON sales_reps (tenant_id, employee_code_key);

-- Codes that an older row has in another spelling.
CREATE INDEX sales_reps_code_without_key_idx ON sales_reps (tenant_id, lower(employee_code)) WHERE employee_code_key IS NULL;

-- Places that an import creates are compared in the same form with those created in the meantime.
ALTER TABLE import_places
    ADD COLUMN region_key TEXT COLLATE "C", ADD COLUMN area_key TEXT COLLATE "C", ADD COLUMN name_key TEXT COLLATE "C";
-- Files that are staged already.
UPDATE import_places SET region_key = lower(region), area_key = lower(area), name_key = lower(name);

-- The number of a retailer among those whose uids differ in case only; filled by the next migration.
ALTER TABLE retailers ADD COLUMN uid_twin SMALLINT NOT NULL DEFAULT 0;
