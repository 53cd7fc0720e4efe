DROP TRIGGER tenants_restart_schedules ON tenants;
DROP FUNCTION restart_schedules();
DROP INDEX jobs_slot_key;
ALTER TABLE jobs DROP COLUMN schedule, DROP COLUMN slot, DROP COLUMN missed_slots;
DROP TABLE schedules;
