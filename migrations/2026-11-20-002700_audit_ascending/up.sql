-- Entries arrive in order of time. A descending index gets each new entry at the front of its group, splits pages in
-- half for it and stays half empty; an ascending index, read backwards, returns the newest first as well.
DROP INDEX audit_logs_entity_idx, audit_logs_actor_idx, audit_logs_action_idx;
CREATE INDEX audit_logs_entity_idx ON audit_logs (tenant_id, entity, entity_id, at, id);
CREATE INDEX audit_logs_actor_idx ON audit_logs (tenant_id, actor_id, at, id);
CREATE INDEX audit_logs_action_idx ON audit_logs (tenant_id, action, at, id) WHERE action <> 'retailer.update';
