-- Entries come in order of time. An index that runs the other way gets each new one at the front of its group, splits its
-- pages in halves for it and stays half empty; read backwards, one in their order serves the newest first as well.
DROP INDEX audit_logs_entity_idx, audit_logs_actor_idx, audit_logs_action_idx;
CREATE INDEX audit_logs_entity_idx ON audit_logs (tenant_id, entity, entity_id, at, id);
CREATE INDEX audit_logs_actor_idx ON audit_logs (tenant_id, actor_id, at, id);
CREATE INDEX audit_logs_action_idx ON audit_logs (tenant_id, action, at, id) WHERE action <> 'retailer.update';
