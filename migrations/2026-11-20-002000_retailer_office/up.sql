-- Deleted shops, in the order in which the office looks through them. They are few, and the other indexes that have them
-- have all the others too.
CREATE INDEX retailers_deleted_idx ON retailers (tenant_id, name, uid) WHERE deleted_at IS NOT NULL;

-- "What did this request do" is what support asks when somebody names one. A request id is asked for as a whole.
CREATE INDEX audit_logs_request_idx ON audit_logs USING hash (request_id);
-- Rare actions are found without reading the log from its end. The one that most entries are of, the day's work of
-- representatives, is found there anyway, and pays nothing for this index.
CREATE INDEX audit_logs_action_idx ON audit_logs (tenant_id, action, at DESC, id DESC) WHERE action <> 'retailer.update';
