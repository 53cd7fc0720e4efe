use haat_application::tenancy::CreatedTenant;
use haat_domain::auth::NewPassword;
use haat_domain::tenancy::Tenant;
use haat_http_core::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

/// A tenant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tenant)]
pub(super) struct TenantDto {
    /// Tenant id; `null` only in the result of a dry run (`validateOnly`).
    #[schema(required = true, example = 2)]
    id: Option<i64>,
    /// Short name, which users enter at login.
    #[schema(example = "acme")]
    slug: String,
    /// Name.
    #[schema(example = "Acme Ltd")]
    name: String,
    /// Time zone in which days begin, by its name in the IANA database.
    #[schema(example = "Asia/Dhaka")]
    time_zone: String,
    /// `active` or `closed`.
    #[schema(example = "active")]
    state: &'static str,
    /// True if super admins may act in the tenant with `X-Tenant-Id`.
    #[schema(example = true)]
    support_access: bool,
    /// Increases with every change.
    #[schema(example = 1)]
    version: i64,
    /// The time of creation.
    created_at: Timestamp,
}

impl From<&Tenant> for TenantDto {
    fn from(tenant: &Tenant) -> Self {
        Self {
            id: Some(tenant.id.get()),
            slug: tenant.slug.as_str().to_owned(),
            name: tenant.name.as_str().to_owned(),
            time_zone: tenant.time_zone.as_str().to_owned(),
            state: tenant.state.as_str(),
            support_access: tenant.support_access,
            version: tenant.version,
            created_at: Timestamp(tenant.created_at),
        }
    }
}

/// A created tenant, with its first administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreatedTenant)]
pub(super) struct CreatedTenantDto {
    #[serde(flatten)]
    tenant: TenantDto,
    /// The administrator; `null` if the request named none.
    #[schema(required = true)]
    admin: Option<CreatedAdminDto>,
    /// One-time password of the administrator. Returned only once: `null` if the request is repeated.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<String>,
}

/// The first administrator of a tenant.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedTenantAdmin)]
struct CreatedAdminDto {
    /// User id.
    #[schema(example = 7)]
    id: i64,
    /// Username for login.
    #[schema(example = "karima")]
    username: String,
}

impl CreatedTenantDto {
    /// Builds the JSON of a created tenant, with the password if it may be shown.
    pub(super) fn new(created: &CreatedTenant, password: Option<&NewPassword>) -> Self {
        let admin = created.admin.as_ref();
        Self {
            tenant: TenantDto::from(&created.tenant),
            admin: admin.map(|(username, id)| CreatedAdminDto {
                id: id.get(),
                username: username.as_str().to_owned(),
            }),
            one_time_password: password.map(|password| password.secret().expose_secret().to_owned()),
        }
    }
}
