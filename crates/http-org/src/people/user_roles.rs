//! The roles, and the grants of users.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use haat_application::people::{ChangedGrants, GrantChange, PeopleUseCases, RoleInfo, UserGrants, roles};
use haat_application::shared::{Allowed, GrantRoles, WriteOptions};
use haat_domain::auth::GrantTarget;
use haat_domain::people::{GrantId, HeldGrant};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::teams;
use super::grant_body::Grants;
use haat_http_core::{
    CallerInTenant, ChangeRequest, JsonResponse, NamedRefDto, OwnRequest, Problem, ReadRequest, Target,
    Timestamp, body, id_in_path, read_response, respond, tagged_as, updated,
};

/// A role.
#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
struct RoleDto {
    /// The role, as requests and responses name it.
    #[schema(example = "area_manager")]
    code: &'static str,
    /// Other names that requests may use.
    #[schema(example = json!([]))]
    aliases: &'static [&'static str],
    /// The objects that the permissions cover.
    #[schema(example = "areas")]
    scope: &'static str,
    /// The permissions.
    #[schema(example = json!(["read-retailers", "update-retailers"]))]
    permissions: Vec<&'static str>,
    /// True if you may give this role to another user.
    grantable: bool,
}

impl From<RoleInfo> for RoleDto {
    fn from(RoleInfo { role, scope, permissions, grantable }: RoleInfo) -> Self {
        Self { code: role.as_str(), aliases: role.aliases(), scope, permissions, grantable }
    }
}

/// The roles.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleList)]
struct RoleListDto {
    /// The roles, the highest first.
    data: Vec<RoleDto>,
}

/// The target of a grant.
#[derive(Serialize, ToSchema)]
#[schema(as = GrantTarget)]
struct TargetDto<'a> {
    /// Kind of the target.
    #[schema(example = "area")]
    kind: &'static str,
    /// Id; `null` for a retailer.
    #[schema(required = true, example = 3)]
    id: Option<i64>,
    /// Uid of a retailer.
    #[schema(required = true)]
    uid: Option<&'a str>,
    /// Name.
    #[schema(example = "Dhanmondi")]
    name: &'a str,
}

/// The user who gave a grant.
#[derive(Serialize, ToSchema)]
#[schema(as = GrantedBy)]
struct GrantedByDto<'a> {
    /// User id.
    #[schema(example = 1)]
    id: i64,
    /// Username.
    #[schema(example = "admin")]
    username: &'a str,
}

/// A role that a user has.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Grant)]
struct GrantDto<'a> {
    /// Id.
    #[schema(example = 12)]
    id: i64,
    /// The role.
    #[schema(example = "area_manager")]
    role: &'static str,
    /// The place or group that it applies to; `null` for roles without targets.
    #[schema(required = true)]
    target: Option<TargetDto<'a>>,
    /// The user who gave the role; `null` if the operator did.
    #[schema(required = true)]
    granted_by: Option<GrantedByDto<'a>>,
    /// The time at which it was given.
    granted_at: Timestamp,
}

impl<'a> From<&'a HeldGrant> for GrantDto<'a> {
    fn from(held: &'a HeldGrant) -> Self {
        let target = |target: GrantTarget| TargetDto {
            kind: target.kind().as_str(),
            id: held.retailer.is_none().then(|| target.id()),
            uid: held.retailer.as_ref().map(RetailerUid::as_str),
            name: &held.target_name,
        };
        let granted_by = held.granted_by.as_ref();
        Self {
            id: held.id.get(),
            role: held.grant.role().as_str(),
            target: held.grant.target().map(target),
            granted_by: granted_by.map(|(id, name)| GrantedByDto { id: id.get(), username: name.as_str() }),
            granted_at: Timestamp(held.granted_at),
        }
    }
}

/// The roles of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = GrantList)]
struct GrantListDto<'a> {
    /// The roles with their targets, the highest role first.
    data: Vec<GrantDto<'a>>,
}

impl<'a> From<&'a UserGrants> for GrantListDto<'a> {
    fn from(grants: &'a UserGrants) -> Self {
        Self { data: grants.grants.iter().map(GrantDto::from).collect() }
    }
}

/// The roles of a user after a change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangedGrantList)]
struct ChangedGrantListDto<'a> {
    #[serde(flatten)]
    roles: GrantListDto<'a>,
    /// The teams that the change left without an active leader.
    leaderless_teams: Vec<NamedRefDto<'static>>,
}

body! {
    /// Roles of a user.
    struct RolesBody as "RolesRequest" {
        /// Role codes, or objects with a role and its targets. Roles that require targets must be objects.
        roles: required value Grants,
    }
}

/// The grant of a user, in the path.
struct UserGrant;

impl Target for UserGrant {
    type Value = (i64, i64);

    fn of(request: &HttpRequest) -> Result<(i64, i64), Problem> {
        Ok((id_in_path(request, "id")?, id_in_path(request, "grantId")?))
    }
}

/// List roles
///
/// Returns all roles with their permissions, highest first.
#[utoipa::path(
    tag = "People",
    operation_id = "listRoles",
    security(("bearer" = [])),
    extensions(("x-facets" = json!(["in-tenant"]))),
    responses((status = 200, description = "The roles", body = RoleListDto))
)]
#[get("/roles")]
async fn list_roles(own: OwnRequest<CallerInTenant>) -> HttpResponse {
    HttpResponse::Ok()
        .json(RoleListDto { data: roles(&own.caller.0).into_iter().map(RoleDto::from).collect() })
}

/// List a user's roles
///
/// Returns each role with its target.
#[utoipa::path(
    tag = "People",
    operation_id = "listUserRoles",
    security(("bearer" = [GrantRoles::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "User id", example = 7)),
    responses((status = 200, description = "The roles", body = GrantListDto))
)]
#[get("/users/{id}/roles")]
async fn list_user_roles(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    read: ReadRequest<GrantRoles, i64>,
) -> Result<HttpResponse, Problem> {
    let grants = api.roles.list(&read.allowed, UserId::new(read.target)).await?;
    read_response(&request, JsonResponse::json(&GrantListDto::from(&grants), Some(grants.version))?)
}

/// Add roles to a user
///
/// All roles of a user are of one kind: regions and areas; teams and sales rep; distributors; or retailers. A tenant-wide role
/// (`admin`, `national_manager`) can be combined with any staff role. Roles that the user already has are left unchanged.
#[utoipa::path(
    tag = "People",
    operation_id = "addUserRoles",
    security(("bearer" = [GrantRoles::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "User id", example = 7)),
    request_body = RolesBody,
    responses(
        (status = 200, description = "All roles of the user", body = ChangedGrantListDto),
        (status = 409, description = "This is your own account"),
    )
)]
#[post("/users/{id}/roles")]
async fn add_user_roles(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ChangeRequest<GrantRoles, RolesBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    change_roles(&request, &api, &allowed, target, &GrantChange::Add(body.roles.0), &options).await
}

/// Replace a user's roles
///
/// An empty list removes all roles. Access tokens of the user stay valid, with the new permissions.
#[utoipa::path(
    tag = "People",
    operation_id = "replaceUserRoles",
    security(("bearer" = [GrantRoles::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "User id", example = 7)),
    request_body = RolesBody,
    responses(
        (status = 200, description = "All roles of the user", body = ChangedGrantListDto),
        (status = 409, description = "This is your own account or the last active administrator"),
    )
)]
#[put("/users/{id}/roles")]
async fn replace_user_roles(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ChangeRequest<GrantRoles, RolesBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    change_roles(&request, &api, &allowed, target, &GrantChange::Replace(body.roles.0), &options).await
}

/// Remove a role from a user
///
/// Access tokens of the user stay valid, with the remaining permissions.
#[utoipa::path(
    tag = "People",
    operation_id = "removeUserRole",
    security(("bearer" = [GrantRoles::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
        ("grantId" = i64, Path, description = "Id of the grant", example = 12),
    ),
    responses(
        (status = 200, description = "The remaining roles of the user", body = ChangedGrantListDto),
        (status = 409, description = "This is your own account or the last active administrator"),
    )
)]
#[delete("/users/{id}/roles/{grantId}")]
async fn remove_user_role(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ChangeRequest<GrantRoles, (), UserGrant>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target: (user, grant), options, .. } = change;
    change_roles(&request, &api, &allowed, user, &GrantChange::Remove(GrantId::new(grant)), &options).await
}

async fn change_roles(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<GrantRoles>,
    user: i64,
    change: &GrantChange,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |changed: &ChangedGrants| {
        let ChangedGrants { roles, leaderless_teams } = changed;
        // The entity tag is that of a read.
        let read = updated(options, &GrantListDto::from(roles), Some(roles.version));
        let (roles, leaderless_teams) = (GrantListDto::from(roles), teams(leaderless_teams));
        tagged_as(read, updated(options, &ChangedGrantListDto { roles, leaderless_teams }, None))
    };
    Ok(respond(request, api.roles.change(allowed, UserId::new(user), change, options, render).await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_roles)
        .service(list_user_roles)
        .service(add_user_roles)
        .service(replace_user_roles)
        .service(remove_user_role);
}
