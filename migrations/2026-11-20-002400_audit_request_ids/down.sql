DROP INDEX audit_logs_request_idx;
CREATE INDEX audit_logs_request_idx ON audit_logs USING hash (request_id);
