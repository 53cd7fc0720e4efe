//! The routes of sales reps and of users.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::{Actor, Allowed, CreateOrDisableUsers, ManageUsers, ReadUsers};
use haat_domain::people::{PersonKey, PersonPatch, UserStatus};
use haat_domain::shared::Role;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{NewSalesRepBody, NewUser, NewUserBody, SalesRepPatchBody, StatusBody, UserPatchBody};
use super::dto::{ChangedPersonDto, NewPersonDto, SalesRepDto, UserAccountDto};
use super::handlers::{self, SalesRepParams, UserParams};
use haat_http_core::{ChangeRequest, ListRequest, PageOf, Problem, ReadRequest};

macro_rules! people {
    (
        $module:ident: $role:expr, $add:ident $(as $facet:literal)?, $dto:ident, $body:ident as $reader:ident, $patch:ident, $collection:literal, $user:literal,
        $One:literal, $Many:literal, $one:literal, $many:literal, $the_one:literal,
        search: $search:literal = $example:literal,
        filter: $filter:ident { $($param:tt)* },
        list: $list:literal, get: $get:literal, create: $create:literal, patch: $patch_doc:literal,
        patch_conflict: $patch_conflict:literal
        $(, disable_conflict: $disable_conflict:literal)?
    ) => {
        mod $module {
            use super::*;

            #[utoipa::path(
                tag = "People",
                operation_id = concat!("list", $Many),
                summary = concat!("List ", $many),
                description = $list,
                security(("bearer" = [ReadUsers::NAME])),
                extensions(("x-facets" = json!(["list"]))),
                params(
                    ("q" = Option<String>, Query, description = $search, example = $example),
                    ("state" = Option<String>, Query, description = "`active` or `disabled`; all if absent", example = "active"),
                    ("team" = Option<i64>, Query, description = "Id of the team that the users are in"),
                    ("area" = Option<i64>, Query, description = "Id of the home area of their team"),
                    ("region" = Option<i64>, Query, description = "Id of the region of the home area of their team"),
                    $($param)*
                ),
                responses((status = 200, description = "A page", body = PageOf<$dto>))
            )]
            #[get($collection)]
            async fn list(
                api: web::Data<PeopleUseCases>,
                list: ListRequest<ReadUsers, PersonKey, $filter>,
            ) -> Result<HttpResponse, Problem> {
                handlers::list::<$dto, _>(&api, &list).await
            }

            #[utoipa::path(
                tag = "People",
                operation_id = concat!("create", $One),
                summary = concat!("Create ", $one),
                description = $create,
                security(("bearer" = [$add::NAME])),
                extensions(("x-facets" = json!(["dry-run", "idempotent" $(, $facet)?]))),
                request_body = $body,
                responses(
                    (status = 200, description = "Result of the dry run (`validateOnly`)", body = NewPersonDto<$dto>),
                    (status = 201, description = "Created", body = NewPersonDto<$dto>),
                    (status = 409, description = "A value is already in use"),
                )
            )]
            #[post($collection)]
            async fn create(
                request: HttpRequest,
                api: web::Data<PeopleUseCases>,
                change: ChangeRequest<$add, $reader>,
            ) -> Result<HttpResponse, Problem> {
                let ChangeRequest { allowed, body, options, .. } = change;
                let input = (body.into(), $collection);
                handlers::create::<$dto, _>(&request, &api, &allowed, input, &options).await
            }

            #[utoipa::path(
                tag = "People",
                operation_id = concat!("get", $One),
                summary = concat!("Get ", $one),
                description = $get,
                security(("bearer" = [ReadUsers::NAME])),
                extensions(("x-facets" = json!(["read"]))),
                params(("id" = i64, Path, description = "User id", example = 7)),
                responses((status = 200, description = $the_one, body = $dto))
            )]
            #[get($user)]
            async fn get_one(
                request: HttpRequest,
                api: web::Data<PeopleUseCases>,
                read: ReadRequest<ReadUsers, i64>,
            ) -> Result<HttpResponse, Problem> {
                handlers::get::<$dto>(&request, &api, &read, $role).await
            }

            #[utoipa::path(
                tag = "People",
                operation_id = concat!("update", $One),
                summary = concat!("Update ", $one),
                description = $patch_doc,
                security(("bearer" = [ManageUsers::NAME])),
                extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
                params(("id" = i64, Path, description = "User id", example = 7)),
                request_body = $patch,
                responses(
                    (status = 200, description = "Updated", body = ChangedPersonDto<$dto>),
                    (status = 409, description = $patch_conflict),
                )
            )]
            #[patch($user)]
            async fn update(
                request: HttpRequest,
                api: web::Data<PeopleUseCases>,
                change: ChangeRequest<ManageUsers, $patch, i64>,
            ) -> Result<HttpResponse, Problem> {
                let ChangeRequest { allowed, target, body, options } = change;
                let user = ($role, target);
                handlers::update::<$dto>(&request, &api, &allowed, user, &body.into(), &options).await
            }

            #[utoipa::path(
                tag = "People",
                operation_id = concat!("disable", $One),
                summary = concat!("Disable ", $one),
                description = "The user can no longer log in, and all of their tokens are permanently revoked. No other data is \
                               deleted; `PATCH` with `state` enables the user again.",
                security(("bearer" = [$add::NAME])),
                extensions(("x-facets" = json!(["dry-run", "versioned" $(, $facet)?]))),
                params(("id" = i64, Path, description = "User id", example = 7)),
                responses(
                    (status = 200, description = "Result of the dry run (`validateOnly`)", body = ChangedPersonDto<$dto>),
                    (status = 204, description = "Disabled"),
                    $((status = 409, description = $disable_conflict),)?
                )
            )]
            #[delete($user)]
            async fn disable(
                request: HttpRequest,
                api: web::Data<PeopleUseCases>,
                change: ChangeRequest<$add, (), i64>,
            ) -> Result<HttpResponse, Problem> {
                let ChangeRequest { allowed, target, options, .. } = change;
                handlers::disable::<$dto, _>(&request, &api, &allowed, ($role, target), options).await
            }

            pub(super) fn routes(config: &mut ServiceConfig) {
                config.service(list).service(create).service(get_one).service(update).service(disable);
            }
        }
    };
}

people!(
    sales_reps: Some(Role::SalesRep), ManageUsers, SalesRepDto, NewSalesRepBody as NewSalesRepBody, SalesRepPatchBody,
    "/admin/sales-reps", "/admin/sales-reps/{id}",
    "SalesRep", "SalesReps", "a sales rep", "sales reps", "The sales rep",
    search: "Part of the name, username, phone, e-mail address or employee code, of any length" = "uddin",
    filter: SalesRepParams {
        ("sort" = Option<String>, Query, description = "`name` (default) or `assignedCount`, the number of assigned retailers; a leading `-` reverses the order", example = "-assignedCount"),
        ("minAssigned" = Option<u32>, Query, description = "Sales reps with at least this number of assigned retailers"),
        ("maxAssigned" = Option<u32>, Query, description = "Sales reps with at most this number of assigned retailers"),
    },
    list: "Ordered by name unless `sort` is given, with the number of assigned retailers (`assignedCount`) and the capacity (`effectiveCapacity`) of \
           each.",
    get: "Includes the number of assigned retailers and the capacity.",
    create: "The response has a one-time password. Until the sales rep has changed it (`POST /auth/change-password`), every \
             other route returns 403 `password-change-required`.",
    patch: "A JSON merge patch (RFC 7396). `state` disables and enables the sales rep; disabling permanently revokes all of \
            their tokens. A `capacity` below `assignedCount` ends no assignments.",
    patch_conflict: "A value is already in use, or this is your own account or the last active administrator",
    disable_conflict: "This is your own account or the last active administrator"
);

people!(
    users: None, CreateOrDisableUsers as "create-or-disable", UserAccountDto, NewUserBody as NewUser, UserPatchBody,
    "/users", "/users/{id}",
    "User", "Users", "a user", "users", "The user",
    search: "Part of the name, username, phone, e-mail address or employee code, of any length" = "begum",
    filter: UserParams {
        ("role" = Option<String>, Query, description = "Only users with this role, including those who also have other roles", example = "admin"),
        ("support" = Option<bool>, Query, description = "True for the accounts through which super admins have acted in this tenant, instead of all other users"),
    },
    list: "Ordered by name.",
    get: "Disabled users are included.",
    create: "The response has a one-time password. Until the user has changed it (`POST /auth/change-password`), \
             every other route returns 403 `password-change-required`.",
    patch: "A JSON merge patch (RFC 7396). `state` disables and enables the user; disabling permanently revokes all \
            of their tokens. You cannot disable your own account or the last active administrator.",
    patch_conflict: "A value is already in use, or this is your own account or the last active administrator",
    disable_conflict: "This is your own account or the last active administrator"
);

/// Update a user with PUT
///
/// The same as `PATCH`: absent members are left unchanged.
#[utoipa::path(
    tag = "People",
    operation_id = "putUser",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "User id", example = 7)),
    request_body = UserPatchBody,
    responses(
        (status = 200, description = "Updated", body = ChangedPersonDto<UserAccountDto>),
        (status = 409, description = "A value is already in use, or this is your own account or the last active administrator"),
    )
)]
#[put("/users/{id}")]
async fn put_user(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ChangeRequest<ManageUsers, UserPatchBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    handlers::update::<UserAccountDto>(&request, &api, &allowed, (None, target), &body.into(), &options).await
}

/// Change the status of a user
///
/// A suspended user can no longer log in, and all of their tokens are permanently revoked. Users of distributors can suspend their colleagues but cannot reactivate them.
#[utoipa::path(
    tag = "People",
    operation_id = "setUserStatus",
    security(("bearer" = [CreateOrDisableUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned", "create-or-disable"]))),
    params(("id" = i64, Path, description = "User id", example = 7)),
    request_body = StatusBody,
    responses(
        (status = 200, description = "The user", body = ChangedPersonDto<UserAccountDto>),
        (status = 409, description = "This is your own account or the last active administrator"),
    )
)]
#[put("/users/{id}/status")]
async fn set_user_status(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ChangeRequest<CreateOrDisableUsers, StatusBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    match body.status {
        UserStatus::Suspended => handlers::suspend(&request, &api, &allowed, target, &options).await,
        UserStatus::Active => {
            let allowed = Allowed::<ManageUsers>::check(Actor::clone(&allowed))?;
            let patch = PersonPatch { active: Some(true), ..PersonPatch::default() };
            handlers::update::<UserAccountDto>(&request, &api, &allowed, (None, target), &patch, &options)
                .await
        }
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    sales_reps::routes(config);
    users::routes(config);
    config.service(put_user).service(set_user_status);
}
