//! Bodies of requests that create and update tenants.

use haat_application::tenancy::{CreateTenantInput, FirstAdmin};
use haat_domain::auth::{Email, PersonName, Username};
use haat_domain::shared::{Phone, TimeZone};
use haat_domain::tenancy::{NewTenant, NewTenantSlug, TenantName, TenantPatch, TenantState};
use haat_http_core::{Fields, MemberValue, body};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};

body! {
    /// The first administrator of a tenant.
    pub(super) struct FirstAdminBody as "NewTenantAdmin" {
        /// 3 to 64 ASCII letters, digits, `.`, `_` or `-`, at least one of them a letter.
        username: required text Username = "karima",
        /// Name.
        name: required text PersonName = "Karima Begum",
        /// E-mail address.
        email: optional text Email,
        /// Phone number, in any common Bangladeshi notation.
        phone: optional text Phone,
    }
}

impl MemberValue for FirstAdminBody {
    fn read(fields: &mut Fields, name: &str, json: Value) -> Option<Self> {
        fields.nested(name, json, <Self as haat_http_core::Body>::read)
    }

    fn schema() -> Schema {
        match <Self as utoipa::PartialSchema>::schema() {
            RefOr::T(schema) => schema,
            RefOr::Ref(_) => Schema::Object(ObjectBuilder::new().build()),
        }
    }
}

body! {
    /// A tenant to create.
    pub(super) struct NewTenantBody as "NewTenantRequest" {
        /// Short name, which users enter at login and which never changes: 2 to 40 lower-case English letters, digits or inner
        /// dashes, at least one of them a letter.
        slug: required text NewTenantSlug = "acme",
        /// Name.
        name: required text TenantName = "Acme Ltd",
        /// Time zone in which days begin, by its name in the IANA database. Defaults to `Asia/Dhaka`.
        time_zone: optional text TimeZone = "Asia/Dhaka",
        /// First administrator, who gets a one-time password.
        admin: optional value FirstAdminBody,
    }
}

body! {
    /// New values for a tenant. Absent members are left unchanged.
    pub(super) struct TenantPatchBody as "TenantPatch" {
        /// Name.
        name: patch text TenantName = "Acme Ltd",
        /// Time zone in which days begin, by its name in the IANA database.
        time_zone: patch text TimeZone = "Asia/Dhaka",
        /// `active` or `closed`. Only super admins change it.
        state: patch text TenantState,
        /// True if super admins may act in the tenant. Only administrators of the tenant change it.
        support_access: optional flag,
    }
}

impl From<NewTenantBody> for CreateTenantInput {
    fn from(NewTenantBody { slug, name, time_zone, admin }: NewTenantBody) -> Self {
        let admin = admin.map(|FirstAdminBody { username, name, email, phone }| FirstAdmin {
            username,
            name,
            email,
            phone,
        });
        Self { tenant: NewTenant { slug, name, time_zone }, admin }
    }
}

impl From<TenantPatchBody> for TenantPatch {
    fn from(TenantPatchBody { name, time_zone, state, support_access }: TenantPatchBody) -> Self {
        Self { name, time_zone, state, support_access }
    }
}
