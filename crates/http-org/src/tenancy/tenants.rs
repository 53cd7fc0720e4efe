//! The routes of tenants.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use haat_application::shared::{ChangeTenant, ManageTenants};
use haat_application::tenancy::{CreatedTenant, TenancyUseCases};
use haat_domain::auth::NewPassword;
use haat_domain::change::StoredResponse;
use haat_domain::shared::TenantId;
use haat_domain::tenancy::{Tenant, TenantKey, TenantPatch, TenantQuery, TenantState};
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{NewTenantBody, TenantPatchBody};
use super::dto::{CreatedTenantDto, TenantDto};
use haat_http_core::{
    ChangeRequest, Fields, Filter, JsonResponse, ListRequest, PageOf, Problem, ReadRequest, created, deleted,
    no_store, read_response, respond, search, updated,
};

/// The parameters of the list of tenants.
struct TenantParams;

impl Filter for TenantParams {
    type Value = TenantQuery;

    fn read(query: &mut Fields) -> TenantQuery {
        TenantQuery { search: search(query), state: query.optional("state", TenantState::parse) }
    }
}

/// List tenants
///
/// Ordered by short name. The platform tenant is one of them.
#[utoipa::path(
    tag = "Tenants",
    operation_id = "listTenants",
    security(("bearer" = [ManageTenants::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name or the short name, of any length", example = "acme"),
        ("state" = Option<String>, Query, description = "`active` or `closed`; all if absent", example = "active"),
    ),
    responses((status = 200, description = "A page", body = PageOf<TenantDto>))
)]
#[get("/tenants")]
async fn list_tenants(
    api: web::Data<TenancyUseCases>,
    list: ListRequest<ManageTenants, TenantKey, TenantParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.tenants.list(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, TenantDto::from)
}

/// Create a tenant
///
/// `admin` creates the first administrator too; the response then has a one-time password. Until the administrator has changed
/// it (`POST /auth/change-password`), every other route returns 403 `password-change-required`.
#[utoipa::path(
    tag = "Tenants",
    operation_id = "createTenant",
    security(("bearer" = [ManageTenants::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body = NewTenantBody,
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`)", body = CreatedTenantDto),
        (status = 201, description = "Created", body = CreatedTenantDto),
        (status = 409, description = "A value is already in use"),
    )
)]
#[post("/tenants")]
async fn create_tenant(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    change: ChangeRequest<ManageTenants, NewTenantBody>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, .. } = change;
    let render = |tenant: &CreatedTenant, password: Option<&NewPassword>| {
        // The tag is that of a read: a hash over the password would reveal something about it.
        let (version, location) = (tenant.tenant.version, format!("/tenants/{}", tenant.tenant.id));
        let tagged = created(&options, &TenantDto::from(&tenant.tenant), Some(version), location.clone())?;
        let response = created(&options, &CreatedTenantDto::new(tenant, password), None, location)?;
        Ok(StoredResponse { etag: tagged.etag, ..response })
    };
    let response = api.tenants.create(&allowed, &body.into(), &options, render).await?;
    Ok(no_store(respond(&request, response)))
}

/// Get a tenant
///
/// Administrators get their own tenant; other tenants are not found.
#[utoipa::path(
    tag = "Tenants",
    operation_id = "getTenant",
    security(("bearer" = [ChangeTenant::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Tenant id", example = 2)),
    responses((status = 200, description = "The tenant", body = TenantDto))
)]
#[get("/tenants/{id}")]
async fn get_tenant(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    read: ReadRequest<ChangeTenant, i64>,
) -> Result<HttpResponse, Problem> {
    let tenant = api.tenants.get(&read.allowed, TenantId::new(read.target)).await?;
    read_response(&request, JsonResponse::json(&TenantDto::from(&tenant), Some(tenant.version))?)
}

/// Update a tenant
///
/// A JSON merge patch (RFC 7396). Administrators change their own tenant. Only they change `supportAccess`, and only super
/// admins change `state`. The users of a closed tenant cannot log in, and their tokens are rejected.
#[utoipa::path(
    tag = "Tenants",
    operation_id = "updateTenant",
    security(("bearer" = [ChangeTenant::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "Tenant id", example = 2)),
    request_body = TenantPatchBody,
    responses(
        (status = 200, description = "Updated", body = TenantDto),
        (status = 409, description = "The platform tenant and your own tenant cannot be closed"),
    )
)]
#[patch("/tenants/{id}")]
async fn update_tenant(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    change: ChangeRequest<ChangeTenant, TenantPatchBody, i64>,
) -> Result<HttpResponse, Problem> {
    update(&request, &api, change).await
}

/// Update a tenant with PUT
///
/// The same as `PATCH`: absent members are left unchanged.
#[utoipa::path(
    tag = "Tenants",
    operation_id = "putTenant",
    security(("bearer" = [ChangeTenant::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "Tenant id", example = 2)),
    request_body = TenantPatchBody,
    responses(
        (status = 200, description = "Updated", body = TenantDto),
        (status = 409, description = "The platform tenant and your own tenant cannot be closed"),
    )
)]
#[put("/tenants/{id}")]
async fn put_tenant(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    change: ChangeRequest<ChangeTenant, TenantPatchBody, i64>,
) -> Result<HttpResponse, Problem> {
    update(&request, &api, change).await
}

async fn update(
    request: &HttpRequest,
    api: &TenancyUseCases,
    change: ChangeRequest<ChangeTenant, TenantPatchBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    let render = |tenant: &Tenant| updated(&options, &TenantDto::from(tenant), Some(tenant.version));
    let (id, patch) = (TenantId::new(target), TenantPatch::from(body));
    Ok(respond(request, api.tenants.update(&allowed, id, &patch, &options, render).await?))
}

/// Close a tenant
///
/// All users of the tenant lose access at once. No data is deleted; `PATCH` with `state` reopens the tenant. Tokens that have
/// not expired by then work again, unless the sessions of their users were ended.
#[utoipa::path(
    tag = "Tenants",
    operation_id = "closeTenant",
    security(("bearer" = [ManageTenants::NAME])),
    extensions(("x-facets" = json!(["dry-run", "versioned"]))),
    params(("id" = i64, Path, description = "Tenant id", example = 2)),
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`)", body = TenantDto),
        (status = 204, description = "Closed"),
        (status = 409, description = "The platform tenant and your own tenant cannot be closed"),
    )
)]
#[delete("/tenants/{id}")]
async fn close_tenant(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    change: ChangeRequest<ManageTenants, (), i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, mut options, .. } = change;
    // The change is idempotent by itself.
    options.idempotent_request = None;
    let render = |tenant: &Tenant| {
        if options.validate_only {
            updated(&options, &TenantDto::from(tenant), Some(tenant.version))
        } else {
            deleted()
        }
    };
    Ok(respond(&request, api.tenants.close(&allowed, TenantId::new(target), &options, render).await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_tenants)
        .service(create_tenant)
        .service(get_tenant)
        .service(update_tenant)
        .service(put_tenant)
        .service(close_tenant);
}
