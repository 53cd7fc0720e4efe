//! Assignment periods.

use actix_web::{HttpResponse, get, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::ReadPool;
use haat_domain::assignment::{Interval, RepSpanKey, SpanKey, When};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::UserId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{RepSpanDto, SpanDto};
use haat_http_core::{
    Fields, Filter, Invalid, ListRequest, Moment, PageOf, Problem, codes, parse_date, path_id,
};

/// The parameters of the list.
struct SpanParams;

impl Filter for SpanParams {
    type Value = When;

    fn read(query: &mut Fields) -> When {
        let as_of = query.optional("asOf", as_of);
        let on = query.optional("on", parse_date);
        if as_of.is_some() && on.is_some() {
            query.reject("on", "one-of", "cannot be combined with asOf", "asOf-এর সাথে একসঙ্গে দেওয়া যায় না");
        }
        as_of.or(on.map(When::During)).unwrap_or_default()
    }
}

/// List the assignment periods of a retailer
///
/// Returns the current and past assignments, newest first. `asOf` returns those at a moment (a date is the start of
/// that day), `on` those at any time of a day. Days begin at midnight in the time zone of the tenant (Asia/Dhaka).
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listRetailerAssignments",
    security(("bearer" = [ReadPool::NAME])),
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
    list: ListRequest<ReadPool, SpanKey, SpanParams>,
    uid: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
    let page = api.read.spans(&list.allowed, &uid, list.query.filter, &list.query.page).await?;
    list.respond(&page, SpanDto::from)
}

/// The parameters of the list of a sales rep.
struct IntervalParams;

impl Filter for IntervalParams {
    type Value = Interval;

    fn read(query: &mut Fields) -> Interval {
        let interval = Interval {
            from: query.optional("from", Moment::parse_start),
            to: query.optional("to", Moment::parse_start),
        };
        if interval.from.zip(interval.to).is_some_and(|(from, to)| from >= to) {
            query.reject("to", "out-of-range", "must be after from", "from-এর পরে হতে হবে");
        }
        interval
    }
}

/// List the assignment periods of a sales rep
///
/// Returns the retailers that the sales rep serves or served, newest first, with the time of each period. `from` and `to`
/// restrict the list to periods that overlap this interval. The sales rep may be disabled, and retailers may be
/// deleted.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listSalesRepAssignments",
    security(("bearer" = [ReadPool::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("id" = i64, Path, description = "Id of the sales rep", example = 7),
        ("from" = Option<String>, Query, description = "Start, inclusive (RFC 3339); a date stands for the start of that day in Dhaka", example = "2026-01-01"),
        ("to" = Option<String>, Query, description = "End, exclusive (RFC 3339); a date stands for the start of that day in Dhaka"),
    ),
    responses(
        (status = 200, description = "A page of assignment periods", body = PageOf<RepSpanDto>),
    )
)]
#[get("/admin/sales-reps/{id}/assignments")]
async fn list_rep_spans(
    api: web::Data<AssignmentUseCases>,
    list: ListRequest<ReadPool, RepSpanKey, IntervalParams>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let rep = UserId::new(path_id(&id)?);
    let page = api.read.rep_spans(&list.allowed, rep, list.query.filter, &list.query.page).await?;
    list.respond(&page, RepSpanDto::from)
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_spans).service(list_rep_spans);
}

fn as_of(text: &str) -> Result<When, Invalid> {
    Ok(match Moment::parse(text)? {
        Moment::Instant(at) => When::At(at),
        Moment::Day(day) => When::StartOf(day),
    })
}
