-- Deleted retailers, in the order of the administrators' list. They are few, and the other indexes that contain them
-- contain all the others, too.
CREATE INDEX retailers_deleted_idx ON retailers (tenant_id, name, uid) WHERE deleted_at IS NOT NULL;

-- Support looks up entries by request id, always as a whole.
CREATE INDEX audit_logs_request_idx ON audit_logs USING hash (request_id);
-- Finds rare actions without reading the log from its end. The action of most entries, the daily work of sales reps, is
-- found quickly anyway and is excluded from this index.
CREATE INDEX audit_logs_action_idx ON audit_logs (tenant_id, action, at DESC, id DESC) WHERE action <> 'retailer.update';
