DROP FUNCTION make_audit_partitions(DATE, INTEGER);
DROP TABLE audit_logs;
