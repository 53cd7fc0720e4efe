//! The demo's second tenant and its super admin.

use anyhow::Context as _;
use haat_application::people::{AdminOf, CreateAdminInput};
use haat_crypto_adapter::{NamedKey, TotpFactors};
use haat_domain::auth::{AuthTx, NewPassword, PersonName, UserReader as _, Username};
use haat_domain::shared::{BeginTransaction, Clock as _};
use haat_domain::tenancy::{NewTenant, NewTenantSlug, TenantName, TenantReader as _, TenantSlug};
use haat_persistence_adapter::PgDatabase;
use haat_persistence_org::OrgDatabase;

use crate::config::DEVELOPMENT_MFA_KEY;
use crate::contexts;
use crate::system::SystemClock;

/// The short name of the second tenant.
pub(crate) const SECOND_TENANT: &str = "second";

/// The username and password of the administrator of the second tenant.
pub(crate) const SECOND_ADMIN: (&str, &str) = ("admin", "Admin@12345");

/// The username and password of the super admin.
pub(crate) const SUPER_ADMIN: (&str, &str) = ("root", "Root@12345");

/// The seed of the super admin's second factor, to be entered in an authenticator app.
pub(crate) const SUPER_ADMIN_SEED: &str = "HAATDEMOHAATDEMOHAATDEMOHAATDEMO";

/// Adds the second tenant with its administrator, and the super admin with a second factor.
pub(crate) async fn add(db: &OrgDatabase, bcrypt_cost: u32) -> anyhow::Result<()> {
    let tenant = NewTenant {
        slug: NewTenantSlug::parse(SECOND_TENANT)?,
        name: TenantName::parse("Second Company")?,
        time_zone: None,
    };
    contexts::tenancy::create_tenant(db).execute(&tenant).await?;
    let create = contexts::people::create_admin(db, bcrypt_cost);
    let input = |of: AdminOf, (username, password): (&str, &str), name: &str| -> anyhow::Result<_> {
        Ok(CreateAdminInput {
            of,
            username: Username::parse(username)?,
            name: PersonName::parse(name)?,
            email: None,
            phone: None,
            password: NewPassword::parse(password.to_owned().into())?,
        })
    };
    let second = AdminOf::Tenant(TenantSlug::parse(SECOND_TENANT)?);
    create.execute(input(second, SECOND_ADMIN, "Second Administrator")?).await?;
    let root = create.execute(input(AdminOf::Platform, SUPER_ADMIN, "Demo Super Admin")?).await?;

    let auth: &PgDatabase = db;
    let platform = db.id_of(&TenantSlug::platform()).await?.context("the platform tenant is missing")?;
    let user = auth.find(platform, root).await?.context("the super admin is missing")?;
    let (id, secret) = DEVELOPMENT_MFA_KEY;
    let factors = TotpFactors::new(&[NamedKey { id: id.to_owned(), secret: secret.to_owned().into() }]);
    let seed = factors.seal_known(&user, SUPER_ADMIN_SEED)?;
    let mut tx: Box<dyn AuthTx> = auth.begin().await?;
    let now = SystemClock.now();
    tx.factors().save_seed(platform, root, &seed, now).await?;
    tx.factors().turn_on(platform, root, &[], now).await?;
    tx.commit().await?;
    Ok(())
}
