ALTER TABLE tenants DROP CONSTRAINT tenants_platform_check;
REVOKE UPDATE (name, time_zone, state, default_capacity, version, support_access) ON tenants FROM haat_app;
REVOKE INSERT (slug, name, time_zone) ON tenants FROM haat_app;
