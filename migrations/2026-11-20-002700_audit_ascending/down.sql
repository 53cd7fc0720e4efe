DROP INDEX audit_logs_entity_idx, audit_logs_actor_idx, audit_logs_action_idx;
CREATE INDEX audit_logs_entity_idx ON audit_logs (tenant_id, entity, entity_id, at DESC, id DESC);
CREATE INDEX audit_logs_actor_idx ON audit_logs (tenant_id, actor_id, at DESC, id DESC);
CREATE INDEX audit_logs_action_idx ON audit_logs (tenant_id, action, at DESC, id DESC) WHERE action <> 'retailer.update';
