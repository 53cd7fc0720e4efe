DROP TRIGGER tenants_after_state_change ON tenants;
DROP FUNCTION note_tenant_change();
DROP TRIGGER users_after_permission_change ON users;
DROP FUNCTION note_user_change();
