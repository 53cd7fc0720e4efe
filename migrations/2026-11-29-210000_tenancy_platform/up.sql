-- Users of the platform operator belong to a platform tenant, so that no key, foreign key or type has to express "no tenant".
DO $$
BEGIN
    IF EXISTS (SELECT FROM tenants WHERE slug = 'haat-platform') THEN
        RAISE EXCEPTION 'the slug haat-platform is reserved, and a tenant has it'
            USING HINT = 'Change the slug of that tenant first: UPDATE tenants SET slug = … WHERE slug = ''haat-platform'';';
    END IF;
END
$$;

ALTER TABLE tenants
    ADD COLUMN kind           TEXT COLLATE "C" NOT NULL DEFAULT 'company' CHECK (kind IN ('company', 'platform')),
    ADD COLUMN version        BIGINT NOT NULL DEFAULT 1,
    -- Whether users of the platform may act in this tenant. Only an administrator of the tenant changes it.
    ADD COLUMN support_access BOOLEAN NOT NULL DEFAULT TRUE;

-- Exactly one platform tenant exists.
CREATE UNIQUE INDEX tenants_platform_key ON tenants (kind) WHERE kind = 'platform';
INSERT INTO tenants (slug, name, kind) VALUES ('haat-platform', 'Platform', 'platform');

-- Adds the other cached columns of tenants to the trigger.
DROP TRIGGER tenants_after_permission_change ON tenants;
CREATE TRIGGER tenants_after_permission_change
    AFTER UPDATE OF state, mfa_required_for_admins, support_access, name, time_zone, default_capacity, feed_epoch ON tenants FOR EACH ROW
    WHEN ((OLD.state, OLD.mfa_required_for_admins, OLD.support_access, OLD.name, OLD.time_zone, OLD.default_capacity, OLD.feed_epoch)
          IS DISTINCT FROM
          (NEW.state, NEW.mfa_required_for_admins, NEW.support_access, NEW.name, NEW.time_zone, NEW.default_capacity, NEW.feed_epoch))
    EXECUTE FUNCTION note_tenant_change();
