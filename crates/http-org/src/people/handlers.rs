//! Code shared by the endpoints of sales reps and users.

use actix_web::{HttpRequest, HttpResponse};
use haat_application::people::{ChangedUser, CreateUser, PeopleUseCases};
use haat_application::shared::{
    Allowed, CreateOrDisableUsers, ManageUsers, MayCreateOrDisableUsers, ReadUsers, Rendered, WriteOptions,
};
use haat_domain::auth::NewPassword;
use haat_domain::people::{Person, PersonKey, PersonOrder, PersonPatch, PersonQuery, TeamFilter, UserState};
use haat_domain::shared::{AreaId, RegionId, Role, TeamId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::{ChangedPersonDto, NewPersonDto, UserAccountDto, expose, teams};
use haat_http_core::{
    Fields, Filter, Invalid, JsonResponse, ListRequest, Problem, ReadRequest, created, deleted, no_store,
    parse_bool, read_response, respond, search, tagged_as, updated,
};

/// The parameters of the list of users.
pub(super) struct UserParams;

impl Filter for UserParams {
    type Value = PersonQuery;

    fn read(query: &mut Fields) -> PersonQuery {
        let role = query.word("role", Role::parse, Role::WORDS);
        let support = query.optional("support", parse_bool).unwrap_or_default();
        PersonQuery { support, ..people(query, role) }
    }
}

/// The parameters of the list of sales reps.
pub(super) struct SalesRepParams;

impl Filter for SalesRepParams {
    type Value = PersonQuery;

    fn read(query: &mut Fields) -> PersonQuery {
        let order = query.word("sort", PersonOrder::parse, PersonOrder::WORDS).unwrap_or_default();
        let assigned = (query.optional("minAssigned", count), query.optional("maxAssigned", count));
        if assigned.0.zip(assigned.1).is_some_and(|(fewest, most)| fewest > most) {
            let (en, bn) = ("must not be below minAssigned", "minAssigned-এর কম হওয়া যাবে না");
            query.reject("maxAssigned", "out-of-range", en, bn);
        }
        PersonQuery { order, assigned, ..people(query, Some(Role::SalesRep)) }
    }
}

fn people(query: &mut Fields, role: Option<Role>) -> PersonQuery {
    let active = query.optional("state", UserState::parse).map(UserState::is_active);
    let team = TeamFilter {
        team: query.id("team").map(TeamId::new),
        region: query.id("region").map(RegionId::new),
        area: query.id("area").map(AreaId::new),
    };
    PersonQuery { search: search(query), active, team, ..PersonQuery::all(role) }
}

fn count(text: &str) -> Result<u32, Invalid> {
    let invalid = Invalid("must be a whole number from 0", "০ বা তার বেশি পূর্ণসংখ্যা হতে হবে");
    text.parse().map_err(|_not_a_count| invalid)
}

/// The JSON of a user: as a user, or as a sales rep.
pub(super) trait PersonJson: Serialize + ToSchema + for<'a> From<&'a Person> {}

impl<D: Serialize + ToSchema + for<'a> From<&'a Person>> PersonJson for D {}

/// Lists a page of users.
pub(super) async fn list<D: PersonJson, F: Filter<Value = PersonQuery>>(
    api: &PeopleUseCases,
    list: &ListRequest<ReadUsers, PersonKey, F>,
) -> Result<HttpResponse, Problem> {
    let page = api.users.list(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, |person| D::from(person))
}

/// Gets a user, optionally only one who has a role.
pub(super) async fn get<D: PersonJson>(
    request: &HttpRequest,
    api: &PeopleUseCases,
    read: &ReadRequest<ReadUsers, i64>,
    role: Option<Role>,
) -> Result<HttpResponse, Problem> {
    let person = api.users.get(&read.allowed, role, UserId::new(read.target)).await?;
    read_response(request, JsonResponse::json(&D::from(&person), Some(person.version))?)
}

/// Creates a user.
pub(super) async fn create<D: PersonJson, P: MayCreateOrDisableUsers>(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<P>,
    (input, collection): (CreateUser, &str),
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |person: &Person, password: Option<&NewPassword>| {
        // The tag is that of a read: a hash over the password would reveal something about it.
        let location = format!("{collection}/{}", person.user.id);
        let read = created(options, &D::from(person), Some(person.version), location.clone());
        let dto = NewPersonDto { person: D::from(person), one_time_password: expose(password) };
        tagged_as(read, created(options, &dto, None, location))
    };
    Ok(no_store(respond(request, api.users.create(allowed, input, options, render).await?)))
}

/// Updates a user, optionally only one who has a role.
pub(super) async fn update<D: PersonJson>(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<ManageUsers>,
    (role, id): (Option<Role>, i64),
    patch: &PersonPatch,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |changed: &ChangedUser| changed_user::<D>(options, changed);
    let user = (role, UserId::new(id));
    Ok(respond(request, api.users.update(allowed, user, patch, options, render).await?))
}

/// Renders a changed user with the entity tag of a read.
fn changed_user<D: PersonJson>(options: &WriteOptions, changed: &ChangedUser) -> Rendered {
    let ChangedUser { person, leaderless_teams } = changed;
    let dto = ChangedPersonDto { person: D::from(person), leaderless_teams: teams(leaderless_teams) };
    tagged_as(updated(options, &D::from(person), Some(person.version)), updated(options, &dto, None))
}

/// Disables a user, optionally only one who has a role. The change is idempotent by itself, so it takes no idempotency key.
pub(super) async fn disable<D: PersonJson, P: MayCreateOrDisableUsers>(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<P>,
    (role, id): (Option<Role>, i64),
    options: WriteOptions,
) -> Result<HttpResponse, Problem> {
    let options = WriteOptions { idempotent_request: None, ..options };
    let render = |changed: &ChangedUser| {
        if options.validate_only { changed_user::<D>(&options, changed) } else { deleted() }
    };
    let user = (role, UserId::new(id));
    Ok(respond(request, api.users.disable(allowed, user, &options, render).await?))
}

/// Disables a user, and returns the user. The caller may need no more than the permission for that.
pub(super) async fn suspend(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<CreateOrDisableUsers>,
    id: i64,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |changed: &ChangedUser| changed_user::<UserAccountDto>(options, changed);
    let user = (None, UserId::new(id));
    Ok(respond(request, api.users.disable(allowed, user, options, render).await?))
}
