//! The routes of the members of teams.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use haat_application::shared::{ManageTeams, ReadTeams};
use haat_application::team::TeamUseCases;
use haat_domain::shared::{NameKey, TeamId, UserId};
use haat_domain::team::MemberChange;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bodies::NewMembersBody;
use super::dto::{AddedMembersDto, MemberDto};
use haat_http_core::{
    ChangeRequest, ListRequest, PageOf, Problem, Target, deleted, id_in_path, respond, updated,
};

/// The membership of a user, in the path.
struct Membership;

impl Target for Membership {
    type Value = (TeamId, UserId);

    fn of(request: &HttpRequest) -> Result<(TeamId, UserId), Problem> {
        Ok((TeamId::new(id_in_path(request, "id")?), UserId::new(id_in_path(request, "userId")?)))
    }
}

/// List the members of a team
///
/// Returns the members by name.
#[utoipa::path(
    tag = "Teams",
    operation_id = "listTeamMembers",
    security(("bearer" = [ReadTeams::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(("id" = i64, Path, description = "Team id", example = 5)),
    responses((status = 200, description = "A page", body = PageOf<MemberDto>))
)]
#[get("/teams/{id}/members")]
async fn list_members(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    list: ListRequest<ReadTeams, NameKey<UserId>>,
) -> Result<HttpResponse, Problem> {
    let team = TeamId::new(id_in_path(&request, "id")?);
    let page = api.members.list(&list.allowed, team, &list.query.page).await?;
    list.respond(&page, MemberDto::from)
}

/// Add members to a team
///
/// A user is a member of at most one team. Users of other teams are moved if `move` is true; otherwise the request fails with
/// 409 `in-another-team`, which names them. Only staff can be members. Your scope must cover the team and the teams from which
/// the users come; users without a team can be added by tenant-wide roles only. The retailers of a new member are visible to
/// the leaders of the team immediately.
#[utoipa::path(
    tag = "Teams",
    operation_id = "addTeamMembers",
    security(("bearer" = [ManageTeams::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(("id" = i64, Path, description = "Team id", example = 5)),
    request_body = NewMembersBody,
    responses(
        (status = 200, description = "The result for each user", body = AddedMembersDto),
        (status = 409, description = "Users are in another team, or the team is closed"),
    )
)]
#[post("/teams/{id}/members")]
async fn add_members(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    change: ChangeRequest<ManageTeams, NewMembersBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body: NewMembersBody { users, r#move: moves }, options } = change;
    let render = |change: &MemberChange| updated(&options, &AddedMembersDto::from(change), None);
    let users = (users.0.as_slice(), moves.unwrap_or_default());
    Ok(respond(&request, api.members.add(&allowed, TeamId::new(target), users, &options, render).await?))
}

/// Remove a member from a team
///
/// The membership remains in the history.
#[utoipa::path(
    tag = "Teams",
    operation_id = "removeTeamMember",
    security(("bearer" = [ManageTeams::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("id" = i64, Path, description = "Team id", example = 5),
        ("userId" = i64, Path, description = "Id of the member", example = 7),
    ),
    responses((status = 204, description = "Removed; with `validateOnly`, the member can be removed"))
)]
#[delete("/teams/{id}/members/{userId}")]
async fn remove_member(
    request: HttpRequest,
    api: web::Data<TeamUseCases>,
    change: ChangeRequest<ManageTeams, (), Membership>,
) -> Result<HttpResponse, Problem> {
    let removal = api.members.remove(&change.allowed, change.target, &change.options, |()| deleted());
    Ok(respond(&request, removal.await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_members).service(add_members).service(remove_member);
}
