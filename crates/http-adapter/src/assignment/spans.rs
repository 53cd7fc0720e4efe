//! Assignment periods.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, NaiveDate, Utc};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::ChangeAssignments;
use haat_domain::assignment::{SpanKey, When};
use haat_domain::retailer::RetailerUid;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::SpanDto;
use crate::shared::{Fields, Filter, Invalid, ListRequest, PageOf, Problem, codes, instant};

impl Filter for When {
    fn read(query: &mut Fields) -> Self {
        let as_of = query.optional("asOf", as_of);
        let on = query.optional("on", date);
        if as_of.is_some() && on.is_some() {
            query.reject("on", "one-of", "cannot be combined with asOf", "asOf-এর সাথে একসঙ্গে দেওয়া যায় না");
        }
        as_of.or(on.map(Self::During)).unwrap_or_default()
    }
}

/// List the assignment periods of a retailer
///
/// Returns the current and past assignments, newest first. `asOf` returns those at a moment (a date is the start of
/// that day), `on` those at any time of a day. Days begin at midnight in the time zone of the tenant (Asia/Dhaka).
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listRetailerAssignments",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
        ("asOf" = Option<String>, Query, description = "An instant (RFC 3339) or a date", example = "2026-01-31"),
        ("on" = Option<String>, Query, description = "A date; cannot be combined with `asOf`"),
    ),
    responses(
        (status = 200, description = "A page of assignment periods", body = PageOf<SpanDto>),
    )
)]
#[get("/admin/retailers/{uid}/assignments")]
async fn list_spans(
    api: web::Data<AssignmentUseCases>,
    list: ListRequest<ChangeAssignments, SpanKey, When>,
    uid: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
    let page = api.read.spans(&list.allowed, &uid, list.query.filter, &list.query.page).await?;
    list.respond(&page, SpanDto::from)
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_spans);
}

fn as_of(text: &str) -> Result<When, Invalid> {
    if let Ok(day) = date(text) {
        return Ok(When::StartOf(day));
    }
    let at = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
    at.ok().filter(|at| instant(at.timestamp_micros()).is_some()).map(When::At).ok_or(Invalid(
        "must be a time such as 2026-01-31T09:15:00Z or a date such as 2026-01-31",
        "2026-01-31T09:15:00Z-এর মতো সময় বা 2026-01-31-এর মতো তারিখ হতে হবে",
    ))
}

/// Parses a date such as 2026-01-31. The length check limits the year to four digits, which timestamps can hold.
fn date(text: &str) -> Result<NaiveDate, Invalid> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    day.ok_or(Invalid("must be a date such as 2026-01-31", "2026-01-31-এর মতো তারিখ হতে হবে"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_of_is_an_instant_or_the_start_of_a_day() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        assert_eq!(as_of("2026-01-31"), Ok(When::StartOf(day)));
        assert!(matches!(as_of("2026-01-31T09:15:00+06:00"), Ok(When::At(_))));
        for bad in [
            "",
            "31-01-2026",
            "2026-1-31",
            "2026-02-30",
            "20260131",
            "+12026-01-31",
            "now",
            "2026-01-31T09:15",
        ] {
            assert!(as_of(bad).is_err(), "{bad}");
            assert!(date(bad).is_err(), "{bad}");
        }
    }
}
