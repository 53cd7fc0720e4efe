//! The routes of teams.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use haat_application::shared::{Allowed, ManageTeams, ReadTeams, WriteOptions};
use haat_application::team::TeamUseCases;
use haat_domain::shared::{NameKey, TeamId};
use haat_domain::team::{Team, TeamPatch};
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::{NewTeamBody, TeamParams, TeamPatchBody};
use super::dto::TeamDto;
use haat_http_core::{
    ChangeRequest, JsonResponse, ListRequest, PageOf, Problem, ReadRequest, created, deleted, read_response,
    respond, updated,
};

/// List teams
///
/// Returns the teams in your scope by name: all teams for tenant-wide roles, those with a home area in your regions and areas
/// for managers, those that you lead for team leaders, and your own team for sales reps.
#[utoipa::path(
    tag = "Teams",
    operation_id = "listTeams",
    security(("bearer" = [ReadTeams::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name", example = "north"),
        ("area" = Option<i64>, Query, description = "Id of the home area"),
        ("region" = Option<i64>, Query, description = "Id of the region of the home area"),
        ("leader" = Option<i64>, Query, description = "Id of a user who leads the teams"),
        ("state" = Option<String>, Query, description = "`active` or `closed`; all if absent", example = "active"),
        ("leaderless" = Option<bool>, Query, description = "`true` for teams without an active leader, `false` for teams with one"),
    ),
    responses((status = 200, description = "A page", body = PageOf<TeamDto>))
)]
#[get("/teams")]
async fn list_teams(
    api: web::Data<TeamUseCases>,
    list: ListRequest<ReadTeams, NameKey<TeamId>, TeamParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.teams.list(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, TeamDto::from)
}

/// Create a team
///
/// A user is a member of at most one team: members of other teams must be moved with `POST /teams/{id}/members`.
#[utoipa::path(
    tag = "Teams",
    operation_id = "createTeam",
    security(("bearer" = [ManageTeams::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body = NewTeamBody,
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`); `id` is `null`", body = TeamDto),
        (status = 201, description = "Created", body = TeamDto),
        (status = 409, description = "Another active team has this name, or a member is in another team"),
    )
)]
#[post("/teams")]
async fn create_team(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    change: ChangeRequest<ManageTeams, NewTeamBody>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, .. } = change;
    let render = |team: &Team| {
        created(&options, &TeamDto::from(team), Some(team.version), format!("/teams/{}", team.id))
    };
    Ok(respond(&request, api.create.execute(&allowed, &body.into(), &options, render).await?))
}

/// Get a team
///
/// A team outside your scope is not found.
#[utoipa::path(
    tag = "Teams",
    operation_id = "getTeam",
    security(("bearer" = [ReadTeams::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Team id", example = 5)),
    responses((status = 200, description = "The team", body = TeamDto))
)]
#[get("/teams/{id}")]
async fn get_team(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    read: ReadRequest<ReadTeams, i64>,
) -> Result<HttpResponse, Problem> {
    let team = api.teams.get(&read.allowed, TeamId::new(read.target)).await?;
    read_response(&request, JsonResponse::json(&TeamDto::from(&team), Some(team.version))?)
}

/// Update a team
///
/// Moving a team to another home area requires that your scope covers both areas. The change takes effect immediately: the
/// managers of the new area see the team and its members, those of the old area no longer do.
#[utoipa::path(
    tag = "Teams",
    operation_id = "updateTeam",
    security(("bearer" = [ManageTeams::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "Team id", example = 5)),
    request_body = TeamPatchBody,
    responses(
        (status = 200, description = "Updated", body = TeamDto),
        (status = 409, description = "Another active team has this name, or the team is closed"),
    )
)]
#[patch("/teams/{id}")]
async fn update_team(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    change: ChangeRequest<ManageTeams, TeamPatchBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    update(&request, &api, &allowed, target, &body.into(), &options).await
}

/// Update a team with PUT
///
/// The same as `PATCH`: absent members are left unchanged.
#[utoipa::path(
    tag = "Teams",
    operation_id = "putTeam",
    security(("bearer" = [ManageTeams::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "Team id", example = 5)),
    request_body = TeamPatchBody,
    responses(
        (status = 200, description = "Updated", body = TeamDto),
        (status = 409, description = "Another active team has this name, or the team is closed"),
    )
)]
#[put("/teams/{id}")]
async fn put_team(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    change: ChangeRequest<ManageTeams, TeamPatchBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    update(&request, &api, &allowed, target, &body.into(), &options).await
}

async fn update(
    request: &HttpRequest,
    api: &TeamUseCases,
    allowed: &Allowed<ManageTeams>,
    team: i64,
    patch: &TeamPatch,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |team: &Team| updated(options, &TeamDto::from(team), Some(team.version));
    Ok(respond(request, api.teams.update(allowed, TeamId::new(team), patch, options, render).await?))
}

/// Close a team
///
/// The team must have no members. A closed team keeps its history and cannot be changed; its name can be used again.
#[utoipa::path(
    tag = "Teams",
    operation_id = "closeTeam",
    security(("bearer" = [ManageTeams::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("id" = i64, Path, description = "Team id", example = 5)),
    responses(
        (status = 204, description = "Closed; with `validateOnly`, the team can be closed"),
        (status = 409, description = "The team has members, or is closed already"),
    )
)]
#[delete("/teams/{id}")]
async fn close_team(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    change: ChangeRequest<ManageTeams, (), i64>,
) -> Result<HttpResponse, Problem> {
    let close = api.teams.close(&change.allowed, TeamId::new(change.target), &change.options, |()| deleted());
    Ok(respond(&request, close.await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_teams)
        .service(create_team)
        .service(get_team)
        .service(update_team)
        .service(put_team)
        .service(close_team);
}
