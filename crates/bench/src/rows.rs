//! The rows of the report: what is measured and how, with the targets.

use crate::dataset::{Dataset, Rep};
use crate::haat::{COLD, Server};
use crate::load::{LoadResult, Request, run as load};
use crate::report::{Line, head};
use crate::requests::{details, lists, send_each};
use crate::{Outcome, Plan, pgbench};

/// Measures the rows of the plan.
pub(crate) fn run(plan: &Plan) -> Outcome<()> {
    if let Some(other) = &plan.compare {
        head();
        return crate::compare::run(plan, other);
    }
    let small = Dataset::of(10_000)?;
    let dataset = Dataset::of(plan.retailers)?;
    head();
    let reps = dataset.reps(1_000)?;
    if ["list-warm", "list-cold", "detail-warm", "detail-cold"].iter().any(|row| plan.wants(row)) {
        reads(plan, &dataset, &reps)?;
    }
    if plan.wants("patch") {
        patch(plan, &dataset, &reps)?;
    }
    if plan.wants("search") {
        crate::search::run(plan, &dataset)?;
    }
    if plan.wants("scopes") {
        crate::scopes::run(plan, &dataset, &reps)?;
    }
    if plan.wants("login") {
        crate::login::run(&small)?;
    }
    if plan.wants("assign") {
        crate::assign::run(&dataset)?;
    }
    if plan.wants("import") {
        crate::import::run(&dataset, &reps)?;
    }
    if plan.wants("growth") {
        growth(plan, &small, &dataset)?;
        if plan.full {
            growth(plan, &dataset, &Dataset::of(10_000_000)?)?;
        }
    }
    Ok(())
}

fn latency(result: LoadResult) -> String {
    format!(", p50 {:.2} ms, p99 {:.2} ms", result.p50.as_secs_f64() * 1e3, result.p99.as_secs_f64() * 1e3)
}

fn reads(plan: &Plan, dataset: &Dataset, reps: &[Rep]) -> Outcome<()> {
    let seconds = plan.seconds();
    let (lists, details) = (lists(reps, ""), details("GET", reps, ""));
    let warm = Server::haat(dataset, &[])?;
    let idle = warm.peak_mib()?;
    let pages = send_each(&warm.url, &lists)?;
    let retailers = send_each(&warm.url, &details)?;
    let page = pages.iter().max_by_key(|page| page.len()).ok_or("no pages")?;
    let retailer = retailers.iter().max_by_key(|retailer| retailer.len()).ok_or("no retailers")?;
    let floor = Server::floor(dataset, page, retailer)?;
    for (row, name, requests, path, target, is_warm) in [
        ("list-warm", "GET /retailers, warm", &lists, "/ready", 0.6, true),
        ("detail-warm", "GET /retailers/{uid}, warm", &details, "/ready", 0.6, true),
        ("list-cold", "GET /retailers, cold", &lists, "/query", 0.8, false),
        ("detail-cold", "GET /retailers/{uid}, cold", &details, "/query", 0.8, false),
    ] {
        if !plan.wants(row) {
            continue;
        }
        let cold = if is_warm { None } else { Some(Server::haat(dataset, &[COLD])?) };
        let server = cold.as_ref().unwrap_or(&warm);
        let on_floor: Vec<Request> = requests
            .iter()
            .map(|request| Request {
                method: request.method,
                path: format!("{path}{}", request.path),
                token: request.token.clone(),
            })
            .collect();
        // Twice, alternating, so that other load on the machine does not affect only one of them.
        let (mut ours, mut best) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            best.push(load(&floor.url, &on_floor, 32, seconds)?);
            ours.push(load(&server.url, requests, 32, seconds)?);
        }
        let mean = |result: &[LoadResult]| result.iter().map(|result| result.per_second).sum::<f64>() / 2.0;
        let last = ours.last().copied().ok_or("no load")?;
        Line::ratio(name, mean(&ours), &latency(last), mean(&best), target).print();
    }
    if plan.wants("list-warm") {
        let most = |what, figure: u64, most| {
            #[expect(clippy::cast_precision_loss, reason = "some hundred MiB")]
            Line::at_most(what, figure as f64, most, "MiB", "").print();
        };
        most("memory of the server, idle", idle, 64.0);
        most("memory of the server, after the warm load", warm.peak_mib()?, 256.0);
    }
    Ok(())
}

fn patch(plan: &Plan, dataset: &Dataset, reps: &[Rep]) -> Outcome<()> {
    let server = Server::haat(dataset, &[])?;
    let requests = details("PATCH", reps, "");
    let ids: Vec<i64> = reps.iter().map(|rep| rep.id).collect();
    let range = (ids.iter().min().copied().unwrap_or(1), ids.iter().max().copied().unwrap_or(1));
    let (mut ours, mut best) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        best.push(pgbench::patch(dataset, range, plan.seconds())?);
        ours.push(load(&server.url, &requests, 8, plan.seconds())?);
    }
    let last = ours.last().copied().ok_or("no load")?;
    let figure = ours.iter().map(|result| result.per_second).sum::<f64>() / 2.0;
    Line::ratio(
        "PATCH /retailers/{uid}, 8 connections",
        figure,
        &latency(last),
        best.iter().sum::<f64>() / 2.0,
        0.5,
    )
    .print();
    Ok(())
}

fn growth(plan: &Plan, small: &Dataset, large: &Dataset) -> Outcome<()> {
    let measure = |dataset: &Dataset, method, detail: bool, cold: bool| -> Outcome<f64> {
        let reps = dataset.reps(100)?;
        let environment: &[(&str, &str)] = if cold { &[COLD] } else { &[] };
        let server = Server::haat(dataset, environment)?;
        let requests = if detail { details(method, &reps, "") } else { lists(&reps, "") };
        let connections = if method == "PATCH" { 8 } else { 32 };
        load(&server.url, &requests, connections, 2)?;
        Ok(load(&server.url, &requests, connections, plan.seconds())?.per_second)
    };
    for (what, method, detail, cold) in [
        ("list, warm", "GET", false, false),
        ("list, cold", "GET", false, true),
        ("detail, cold", "GET", true, true),
        ("PATCH", "PATCH", true, false),
    ] {
        let (before, after) = (measure(small, method, detail, cold)?, measure(large, method, detail, cold)?);
        let what = format!("{what}: {} to {} retailers", small.retailers, large.retailers);
        Line::ratio(&what, after, "", before, 0.85).print();
    }
    Ok(())
}
