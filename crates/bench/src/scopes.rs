//! Lists of managers and team leaders, whose scope is a part of the pool.

use std::time::Duration;

use serde_json::Value;

use crate::dataset::{Dataset, Rep, query};
use crate::haat::Server;
use crate::load::{Request, run as load};
use crate::managers::{Manager, managers};
use crate::paced::Paced;
use crate::report::Line;
use crate::requests::lists;
use crate::search::encode;
use crate::{Outcome, Plan, replay};

/// The most time for 99 of 100 pages or searches, in milliseconds.
const MOST: f64 = 50.0;

/// The most time for 99 of 100 counts with one client, in milliseconds.
const MOST_OF_COUNT: f64 = 150.0;

/// The most time compared with the same statements in pgbench.
const TIMES: f64 = 3.0;

/// The most time of sales reps beside managers, compared with the time without them.
const TIMES_BESIDE: f64 = 1.5;

/// The consecutive pages that are requested in random order.
const PAGES: usize = 20;

/// The requests per second of sales reps and of managers.
const READS: u32 = 1_000;
const READS_OF_MANAGERS: u32 = 20;

/// Measures pages, searches and counts of each scope, and the same statements in pgbench.
pub(crate) fn run(plan: &Plan, dataset: &Dataset, reps: &[Rep]) -> Outcome<()> {
    let managers = managers(dataset)?;
    let server = Server::haat(dataset, &[])?;
    let mut beside = Vec::new();
    for manager in &managers {
        let (pages, searches) = (pages(&server, manager)?, searches(dataset, manager)?);
        let count = [request(manager, "?includeTotal=true&limit=1")];
        for (what, requests) in [("page", &pages), ("search", &searches)] {
            let (ours, floor) = replay::against_floor(plan, dataset, &server, requests)?;
            let what = format!("{what} of {}", manager.what);
            let more = format!(", p50 {:.2} ms, {:.0}/s", ms(ours.p50), ours.per_second);
            Line::latency(&what, ms(ours.p99), &more, MOST, (ms(floor), TIMES)).print();
        }
        let alone = load(&server.url, &count, 1, plan.seconds())?;
        let more = format!(" p99, p50 {:.2} ms", ms(alone.p50));
        let what = format!("count of {}, one client", manager.what);
        Line::at_most(&what, ms(alone.p99), MOST_OF_COUNT, "ms", &more).print();
        let (ours, floor) = replay::against_floor(plan, dataset, &server, &count)?;
        let more = format!(", p99 {:.1} ms, floor {:.1} ms", ms(ours.p99), ms(floor));
        let what = format!("count of {}, 8 clients", manager.what);
        Line::at_most(&what, ms(ours.p99) / ms(floor), TIMES, "times the floor", &more).print();
        beside.push(pages.into_iter().zip(searches).flat_map(|(page, search)| [page, search]));
    }
    // One page and one search of each manager in turn.
    let mut mixed = Vec::new();
    for _ in 0..PAGES {
        mixed.extend(beside.iter_mut().flat_map(|requests| requests.by_ref().take(2)));
    }
    reads_beside(dataset, reps, &mixed)
}

fn request(manager: &Manager, parameters: &str) -> Request {
    Request { method: "GET", path: format!("/retailers{parameters}"), token: manager.token.clone() }
}

/// Returns requests for the first pages of a manager.
fn pages(server: &Server, manager: &Manager) -> Outcome<Vec<Request>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut pages = vec![request(manager, "")];
        while let Some(last) = pages.last().filter(|_| pages.len() < PAGES) {
            let url = format!("{}{}", server.url, last.path);
            let response = client.get(url).bearer_auth(&manager.token).send().await?.error_for_status()?;
            let page: Value = response.json().await?;
            let Some(cursor) = page.pointer("/page/nextCursor").and_then(Value::as_str) else { break };
            pages.push(request(manager, &format!("?cursor={}", encode(cursor))));
        }
        Ok(pages)
    })
}

/// Returns searches for retailers of a manager: parts of names, words and parts of phones.
fn searches(dataset: &Dataset, manager: &Manager) -> Outcome<Vec<Request>> {
    let sample = format!("FROM retailers WHERE {}", manager.scope);
    let mut words = Vec::new();
    for (column, condition) in [
        ("substr(name, 3, 9)", "length(name) > 14"),
        ("split_part(name, ' ', 1)", "length(split_part(name, ' ', 1)) > 2"),
        ("substr(phone, 7, 6)", "phone IS NOT NULL"),
    ] {
        let most = replay::MOST_SCRIPTS / 3;
        let statement = format!("SELECT {column} {sample} AND {condition} ORDER BY md5(uid) LIMIT {most}");
        words.extend(query(&dataset.owner_url, &statement)?.into_iter().flatten());
    }
    Ok(words.iter().map(|word| request(manager, &format!("?q={}", encode(word)))).collect())
}

/// Measures how long sales reps wait for their retailers, with and without requests of managers.
fn reads_beside(dataset: &Dataset, reps: &[Rep], managers: &[Request]) -> Outcome<()> {
    let server = Server::haat(dataset, &[])?;
    let (of_reps, of_managers) = (Paced::new(&server.url, READS), Paced::new(&server.url, READS_OF_MANAGERS));
    let (lists, time) = (lists(reps, ""), Duration::from_secs(15));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        of_reps.p95(&lists, Duration::from_secs(3)).await?;
        for _ in 0..2 {
            without.push(of_reps.p95(&lists, time).await?);
            let (reads, managed) = tokio::join!(of_reps.p95(&lists, time), of_managers.p95(managers, time));
            with.push(reads?);
            managed?;
        }
        Outcome::Ok(())
    })?;
    let best = |times: Vec<Duration>| times.into_iter().min().map(ms).ok_or("no load");
    let (without, with) = (best(without)?, best(with)?);
    let what =
        format!("GET /retailers, warm, {READS}/s, beside {READS_OF_MANAGERS} requests a second of managers");
    let more = format!(", p95 {with:.2} ms, without managers {without:.2} ms");
    Line::at_most(&what, with / without, TIMES_BESIDE, "times the latency without managers", &more).print();
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
