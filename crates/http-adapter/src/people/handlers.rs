//! Code shared by the endpoints of sales reps and administrators.

use actix_web::{HttpRequest, HttpResponse};
use haat_application::people::{CreateUser, PeopleUseCases};
use haat_application::shared::{Allowed, ManageUsers, WriteOptions};
use haat_domain::auth::NewPassword;
use haat_domain::change::StoredResponse;
use haat_domain::people::{Person, PersonKey, PersonPatch, PersonQuery, UserState};
use haat_domain::shared::{Role, SearchText, UserId};

use super::dto::{NewPersonDto, PersonDto, expose, location};
use haat_http_core::{
    Fields, Filter, JsonResponse, ListRequest, Problem, ReadRequest, created, deleted, no_store,
    read_response, respond, search, updated,
};

/// The filter of a list of users.
pub(super) struct PeopleFilter {
    search: Option<SearchText>,
    state: Option<UserState>,
}

impl Filter for PeopleFilter {
    type Value = Self;

    fn read(query: &mut Fields) -> Self {
        Self { search: search(query), state: query.optional("state", UserState::parse) }
    }
}

/// Lists a page of the users with a role.
pub(super) async fn list(
    api: &PeopleUseCases,
    list: &ListRequest<ManageUsers, PersonKey, PeopleFilter>,
    role: Role,
) -> Result<HttpResponse, Problem> {
    let PeopleFilter { search, state } = &list.query.filter;
    let query = PersonQuery { role, search: search.clone(), active: state.map(UserState::is_active) };
    let page = api.users.list(&list.allowed, &query, &list.query.page).await?;
    list.respond(&page, PersonDto::from)
}

/// Gets a user with a role.
pub(super) async fn get(
    request: &HttpRequest,
    api: &PeopleUseCases,
    read: &ReadRequest<ManageUsers, i64>,
    role: Role,
) -> Result<HttpResponse, Problem> {
    let person = api.users.get(&read.allowed, role, UserId::new(read.target)).await?;
    read_response(request, JsonResponse::json(&PersonDto::from(&person), Some(person.version))?)
}

/// Creates a user.
pub(super) async fn create(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<ManageUsers>,
    input: CreateUser,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |person: &Person, password: Option<&NewPassword>| {
        // The tag is that of a read: a hash over the password would reveal something about it.
        let tagged = created(options, &PersonDto::from(person), Some(person.version), location(person))?;
        let dto = NewPersonDto { person: PersonDto::from(person), one_time_password: expose(password) };
        let response = created(options, &dto, None, location(person))?;
        Ok(StoredResponse { etag: tagged.etag, ..response })
    };
    Ok(no_store(respond(request, api.users.create(allowed, input, options, render).await?)))
}

/// Updates a user with a role.
pub(super) async fn update(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<ManageUsers>,
    (role, id): (Role, i64),
    patch: &PersonPatch,
    options: &WriteOptions,
) -> Result<HttpResponse, Problem> {
    let render = |person: &Person| updated(options, &PersonDto::from(person), Some(person.version));
    let user = (role, UserId::new(id));
    Ok(respond(request, api.users.update(allowed, user, patch, options, render).await?))
}

/// Disables a user with a role. The change is idempotent by itself, so it takes no idempotency key.
pub(super) async fn disable(
    request: &HttpRequest,
    api: &PeopleUseCases,
    allowed: &Allowed<ManageUsers>,
    (role, id): (Role, i64),
    options: WriteOptions,
) -> Result<HttpResponse, Problem> {
    let options = WriteOptions { idempotent_request: None, ..options };
    let patch = PersonPatch { active: Some(false), ..PersonPatch::default() };
    let render = |person: &Person| {
        if options.validate_only {
            updated(&options, &PersonDto::from(person), Some(person.version))
        } else {
            deleted()
        }
    };
    let user = (role, UserId::new(id));
    Ok(respond(request, api.users.update(allowed, user, &patch, &options, render).await?))
}
