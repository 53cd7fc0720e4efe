//! What the endpoints of sales representatives and of administrators have in common.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use haat_application::identity::{CreatedPerson, IdentityApi, UpdatePersonInput};
use haat_application::shared::{Change, Done, NoAnswers, Permission};
use haat_domain::identity::{Person, PersonPatch, Role};
use haat_domain::shared::UserId;
use serde::Serialize;

use super::people_list::PeopleList;
use super::person_body::{new_person, person_patch};
use super::person_dto::{NewPersonDto, PersonDto, location, told};
use crate::shared::{
    Caller, JsonBody, PageInfo, Plain, Problem, QueryParams, answer, answer_of, change, expected_versions,
    path_id, receipt,
};

#[derive(Serialize)]
struct PersonPage<'a> {
    data: Vec<PersonDto<'a>>,
    page: PageInfo,
}

/// A page of the people of a role.
pub(super) async fn list(
    request: &HttpRequest,
    api: &IdentityApi,
    caller: &Caller,
    role: Role,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    answer(request, &NoAnswers, &caller.0, async || {
        let list = PeopleList::parse(QueryParams::of(request)?.0, role)?;
        let page = api.list_people.execute(&caller.0, &list.query, &list.page).await?;
        let next = page.next.as_ref().map(|key| list.cursor(key));
        let data = page.rows.iter().map(PersonDto::from).collect();
        Plain::json(&PersonPage { data, page: PageInfo::new(list.page.limit, next, None) }, None)
    })
    .await
}

/// One person of a role.
pub(super) async fn get(
    request: &HttpRequest,
    api: &IdentityApi,
    caller: &Caller,
    (role, id): (Role, &str),
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    answer(request, &NoAnswers, &caller.0, async || {
        QueryParams::of(request)?.0.finish()?;
        plain(&api.get_person.execute(&caller.0, role, user_id(id)?).await?)
    })
    .await
}

/// Adds somebody with a role.
pub(super) async fn create(
    request: &HttpRequest,
    api: &IdentityApi,
    caller: &Caller,
    role: Role,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    let body = body?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &body.bytes, &mut query)?;
    let trial = change.validate_only;
    let input = new_person(body.fields, query, role, change)?;
    let plain = |created: &CreatedPerson| plain_new(created, trial);
    let created = api.create_person.execute(&caller.0, input, &receipt(plain)).await?;
    let mut response = answer_of(request, created, plain)?;
    // The password is told once and must not be kept by anything on the way.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Changes somebody of a role.
pub(super) async fn patch(
    request: &HttpRequest,
    api: &IdentityApi,
    caller: &Caller,
    (role, id): (Role, &str),
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    let body = body?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &body.bytes, &mut query)?;
    let patch = person_patch(body.fields, query, role)?;
    let expected = expected_versions(request);
    let input = UpdatePersonInput { role, id: user_id(id)?, patch, expected, change };
    answer_of(request, api.update_person.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}

/// Disables somebody of a role. Once is as good as twice, so it needs no key.
pub(super) async fn disable(
    request: &HttpRequest,
    api: &IdentityApi,
    caller: &Caller,
    (role, id): (Role, &str),
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    let mut query = QueryParams::of(request)?.0;
    let change = Change { once: None, ..change(request, &[], &mut query)? };
    query.finish()?;
    let trial = change.validate_only;
    let patch = PersonPatch { active: Some(false), ..PersonPatch::default() };
    let expected = expected_versions(request);
    let input = UpdatePersonInput { role, id: user_id(id)?, patch, expected, change };
    let done: Done<Person> = api.update_person.execute(&caller.0, &input, &receipt(plain)).await?;
    if trial { answer_of(request, done, plain) } else { Ok(HttpResponse::new(StatusCode::NO_CONTENT)) }
}

/// What cannot be an id is nobody's.
pub(super) fn user_id(text: &str) -> Result<UserId, Problem> {
    path_id(text).map(UserId::new)
}

fn plain(person: &Person) -> Result<Plain, Problem> {
    Plain::json(&PersonDto::from(person), Some(person.version))
}

fn plain_new(created: &CreatedPerson, trial: bool) -> Result<Plain, Problem> {
    let one_time_password = told(created.one_time_password.as_ref());
    let person = PersonDto::from(&created.person);
    let version = Some(created.person.version);
    if trial {
        return Plain::json(&NewPersonDto { person: person.without_id(), one_time_password }, version);
    }
    let plain = Plain::json(&NewPersonDto { person, one_time_password }, version)?;
    Ok(plain.created(location(&created.person)))
}
