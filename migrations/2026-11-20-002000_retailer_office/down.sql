DROP INDEX audit_logs_action_idx;
DROP INDEX audit_logs_request_idx;
DROP INDEX retailers_deleted_idx;
