//! Code shared by the endpoints of sales reps and administrators.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use haat_application::people::{CreatedPerson, PeopleUseCases, UpdatePersonInput};
use haat_application::shared::{Idempotent, NoCache, Permission, WriteOptions};
use haat_domain::people::{Person, PersonPatch};
use haat_domain::shared::{Role, UserId};
use serde::Serialize;

use super::people_list::PeopleList;
use super::person_body::{new_person, person_patch};
use super::person_dto::{NewPersonDto, PersonDto, expose, location};
use crate::shared::{
    Caller, JsonBody, JsonResponse, PageInfo, Problem, QueryParams, cached_response, expected_versions,
    path_id, stored_response, write_options, write_response,
};

#[derive(Serialize)]
struct PersonPage<'a> {
    data: Vec<PersonDto<'a>>,
    page: PageInfo,
}

/// Lists a page of the users with a role.
pub(super) async fn list(
    request: &HttpRequest,
    api: &PeopleUseCases,
    caller: &Caller,
    role: Role,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    cached_response(request, &NoCache, &caller.0, async || {
        let list = PeopleList::parse(QueryParams::of(request)?.0, role)?;
        let page = api.list_people.execute(&caller.0, &list.query, &list.page).await?;
        let next = page.next.as_ref().map(|key| list.cursor(key));
        let data = page.rows.iter().map(PersonDto::from).collect();
        JsonResponse::json(&PersonPage { data, page: PageInfo::new(list.page.limit, next, None) }, None)
    })
    .await
}

/// Gets a user with a role.
pub(super) async fn get(
    request: &HttpRequest,
    api: &PeopleUseCases,
    caller: &Caller,
    (role, id): (Role, &str),
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    cached_response(request, &NoCache, &caller.0, async || {
        QueryParams::of(request)?.0.finish()?;
        render(&api.get_person.execute(&caller.0, role, user_id(id)?).await?)
    })
    .await
}

/// Creates a user with a role.
pub(super) async fn create(
    request: &HttpRequest,
    api: &PeopleUseCases,
    caller: &Caller,
    role: Role,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    let body = body?;
    let mut query = QueryParams::of(request)?.0;
    let write_options = write_options(request, &body.bytes, &mut query)?;
    let dry_run = write_options.validate_only;
    let input = new_person(body.fields, query, role, write_options)?;
    let render = |created: &CreatedPerson| render_created(created, dry_run);
    let created = api.create_person.execute(&caller.0, input, &stored_response(render)).await?;
    let mut response = write_response(request, created, render)?;
    // The password is returned only once and must not be stored by anything on the way.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Updates a user with a role.
pub(super) async fn patch(
    request: &HttpRequest,
    api: &PeopleUseCases,
    caller: &Caller,
    (role, id): (Role, &str),
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    let body = body?;
    let mut query = QueryParams::of(request)?.0;
    let write_options = write_options(request, &body.bytes, &mut query)?;
    let patch = person_patch(body.fields, query, role)?;
    let expected = expected_versions(request);
    let input = UpdatePersonInput { role, id: user_id(id)?, patch, expected, write_options };
    write_response(
        request,
        api.update_person.execute(&caller.0, &input, &stored_response(render)).await?,
        render,
    )
}

/// Disables a user with a role. The change is idempotent by itself, so it takes no idempotency key.
pub(super) async fn disable(
    request: &HttpRequest,
    api: &PeopleUseCases,
    caller: &Caller,
    (role, id): (Role, &str),
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    let mut query = QueryParams::of(request)?.0;
    let write_options = WriteOptions { idempotent_request: None, ..write_options(request, &[], &mut query)? };
    query.finish()?;
    let dry_run = write_options.validate_only;
    let patch = PersonPatch { active: Some(false), ..PersonPatch::default() };
    let expected = expected_versions(request);
    let input = UpdatePersonInput { role, id: user_id(id)?, patch, expected, write_options };
    let result: Idempotent<Person> =
        api.update_person.execute(&caller.0, &input, &stored_response(render)).await?;
    if dry_run {
        write_response(request, result, render)
    } else {
        Ok(HttpResponse::new(StatusCode::NO_CONTENT))
    }
}

/// Parses a user id in a path. Text that is not an id is a 404, like an unknown id.
pub(super) fn user_id(text: &str) -> Result<UserId, Problem> {
    path_id(text).map(UserId::new)
}

fn render(person: &Person) -> Result<JsonResponse, Problem> {
    JsonResponse::json(&PersonDto::from(person), Some(person.version))
}

fn render_created(created: &CreatedPerson, dry_run: bool) -> Result<JsonResponse, Problem> {
    let one_time_password = expose(created.one_time_password.as_ref());
    let person = PersonDto::from(&created.person);
    let version = Some(created.person.version);
    if dry_run {
        return JsonResponse::json(&NewPersonDto { person: person.without_id(), one_time_password }, version);
    }
    let response = JsonResponse::json(&NewPersonDto { person, one_time_password }, version)?;
    Ok(response.created(location(&created.person)))
}
