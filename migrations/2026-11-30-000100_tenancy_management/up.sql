-- Super admins manage tenants over HTTP, and administrators change their own tenant. The short name and the kind never change.
GRANT INSERT (slug, name, time_zone) ON tenants TO haat_app;
GRANT UPDATE (name, time_zone, state, default_capacity, version, support_access) ON tenants TO haat_app;

-- Closing the platform tenant would lock out all super admins.
ALTER TABLE tenants ADD CONSTRAINT tenants_platform_check CHECK (kind <> 'platform' OR state = 'active');
