//! The activity of users.

mod dto;

use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::activity::{ActivityUseCases, ListActivity};
use haat_application::shared::ReadActivity;
use haat_domain::activity::{ActivityKey, DayRange, DayRangeError, Grouping};
use haat_domain::shared::UserId;
use utoipa_actix_web::service_config::ServiceConfig;

use self::dto::{ActivitySumDto, UserActivityDto};
use haat_http_core::{
    Context, Fields, Filter, JsonResponse, ListRequest, PageOf, Permit, Problem, QueryParams, Words,
    id_in_path, parse_date, read_response,
};

/// The parameters of a list of sums.
struct ActivityParams;

impl Filter for ActivityParams {
    type Value = ListActivity;

    fn read(query: &mut Fields) -> ListActivity {
        let grouping = query.word("groupBy", Grouping::from_name, Grouping::WORDS).unwrap_or_default();
        ListActivity { days: days(query), grouping }
    }
}

/// Reads the first and the last day.
fn days(query: &mut Fields) -> Option<DayRange> {
    let (first, last) = (query.optional("from", parse_date), query.optional("to", parse_date));
    match DayRange::new(first, last) {
        Ok(days) => days,
        Err(DayRangeError::Reversed) => {
            query.reject("to", "out-of-range", "must not be before from", "from-এর আগে হওয়া যাবে না");
            None
        }
        Err(DayRangeError::TooLong) => {
            let most = DayRange::MAX_DAYS;
            let en = format!("must be at most {most} days, including both ends, after from");
            query.reject("to", "out-of-range", en, format!("from থেকে সর্বোচ্চ {most} দিন হতে পারে"));
            None
        }
    }
}

/// List the activity of users
///
/// Sums over the users in the caller's scope: of each user, day, role or team with activity, in the order of user ids, days,
/// roles (the highest first) or team ids. Roles and teams are the current ones of the users, so every user counts once. Counts of
/// the last half minute may be missing. What users read is not recorded.
#[utoipa::path(
    tag = "Activity",
    operation_id = "listActivity",
    security(("bearer" = [ReadActivity::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("from" = Option<String>, Query, description = "First day, in the time zone of the tenant; with `to` alone, 30 days end with `to`", example = "2026-11-01"),
        ("to" = Option<String>, Query, description = "Last day, inclusive, at most 400 days after `from`; with `from` alone, 30 days begin with `from`; with neither, 30 days end today"),
        ("groupBy" = Option<String>, Query, description = "What the sums are grouped by", example = "user"),
    ),
    responses((status = 200, description = "A page", body = PageOf<ActivitySumDto>))
)]
#[get("/users/activity")]
async fn list_activity(
    api: web::Data<ActivityUseCases>,
    list: ListRequest<ReadActivity, ActivityKey, ActivityParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.activity.list(&list.allowed, list.query.filter, &list.query.page).await?;
    list.respond(&page, ActivitySumDto::from)
}

/// Get the activity of a user
///
/// The sums and the days with activity, at most 400. Callers with the permission `read-audit` also get `entries`, the last entries
/// of the audit log by the user on these days, and the active `sessions`; both are `null` for others.
#[utoipa::path(
    tag = "Activity",
    operation_id = "getUserActivity",
    security(("bearer" = [ReadActivity::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
        ("from" = Option<String>, Query, description = "First day, as in the list of activity", example = "2026-11-01"),
        ("to" = Option<String>, Query, description = "Last day, inclusive, as in the list of activity"),
    ),
    responses((status = 200, description = "The activity", body = UserActivityDto))
)]
#[get("/users/{id}/activity")]
async fn get_user_activity(
    request: HttpRequest,
    api: web::Data<ActivityUseCases>,
    permit: Permit<ReadActivity>,
) -> Result<HttpResponse, Problem> {
    let user = UserId::new(id_in_path(&request, "id")?);
    let mut query = QueryParams::of(&request)?.0;
    let days = days(&mut query);
    query.finish()?;
    let reported = api.activity.of_user(&permit.0, user, days).await?;
    read_response(&request, JsonResponse::json(&UserActivityDto::of(user, &reported), None)?)
}

/// The activity of users.
pub const CONTEXT: Context = Context {
    tags: &[("Activity", "How much users work with the system")],
    routes,
    words: &[Words::option("groupBy", Grouping::WORDS)],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config.service(list_activity).service(get_user_activity);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use haat_http_core::ListQuery;

    fn errors(query: &Value) -> Vec<(String, &'static str)> {
        let query = Fields::new(query.as_object().unwrap().clone());
        let parsed = ListQuery::<ActivityKey, _>::parse("/users/activity", query, ActivityParams::read);
        let errors = parsed.err().map(|problem| problem.errors).unwrap_or_default();
        errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect()
    }

    #[test]
    fn validates_days_and_grouping() {
        assert!(errors(&json!({"from": "2025-01-01", "to": "2026-02-04", "groupBy": "team"})).is_empty());
        for (query, field, code) in [
            (json!({"from": "2026-1-1"}), "from", "invalid"),
            (json!({"to": "2026-02-30"}), "to", "invalid"),
            (json!({"from": "2026-02-02", "to": "2026-02-01"}), "to", "out-of-range"),
            (json!({"from": "2025-01-01", "to": "2026-02-05"}), "to", "out-of-range"),
            (json!({"groupBy": "region"}), "groupBy", "invalid"),
        ] {
            assert_eq!(errors(&query), [(field.to_owned(), code)], "{query}");
        }
    }
}
