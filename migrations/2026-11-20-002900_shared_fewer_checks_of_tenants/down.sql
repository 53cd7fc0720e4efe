ALTER TABLE audit_logs ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
ALTER TABLE retailer_vocabulary ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
ALTER TABLE retailer_words ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
