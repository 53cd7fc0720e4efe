//! Searches of the whole pool by an administrator.

use crate::dataset::{Dataset, query};
use crate::haat::Server;
use crate::load::Request;
use crate::report::Line;
use crate::{Outcome, Plan, replay};

/// The most time for 99 of 100 searches, in milliseconds.
const MOST: f64 = 50.0;

/// The most time compared with the same statements in pgbench.
const TIMES: f64 = 3.0;

/// Measures each class of search terms, and the same statements in pgbench.
pub(crate) fn run(plan: &Plan, dataset: &Dataset) -> Outcome<()> {
    let server = Server::haat(dataset, &[])?;
    let token = dataset.admin()?;
    for (class, words) in classes(dataset)? {
        let request = |word: &String| Request {
            method: "GET",
            path: format!("/retailers?q={}", encode(word)),
            token: token.clone(),
        };
        let requests: Vec<Request> = words.iter().take(replay::MOST_SCRIPTS).map(request).collect();
        let (best, floor) = replay::against_floor(plan, dataset, &server, &requests)?;
        let more = format!(", p50 {:.2} ms, {:.0}/s", best.p50.as_secs_f64() * 1e3, best.per_second);
        let floor = (floor.as_secs_f64() * 1e3, TIMES);
        let what = format!("search of {}: {class}", dataset.retailers);
        Line::latency(&what, best.p99.as_secs_f64() * 1e3, &more, MOST, floor).print();
    }
    Ok(())
}

/// Returns search terms by class: parts of rare names, words of many names, words in another order, names in Bangla
/// with a word in Latin letters, parts of phones, and terms without a match.
fn classes(dataset: &Dataset) -> Outcome<Vec<(&'static str, Vec<String>)>> {
    let column = |statement: &str| -> Outcome<Vec<String>> {
        Ok(query(&dataset.owner_url, statement)?
            .into_iter()
            .filter_map(|row| row.into_iter().next())
            .collect())
    };
    let sample = "FROM retailers WHERE tenant_id = 1 AND id % 4999 = 7";
    Ok(vec![
        ("rare infix", column(&format!("SELECT substr(name, 3, 9) {sample} AND length(name) > 14"))?),
        (
            "common words",
            column(
                "SELECT word FROM (SELECT unnest(string_to_array(name, ' ')) AS word FROM retailers \
                 WHERE id % 50 = 3) AS words WHERE length(word) >= 3 GROUP BY word ORDER BY count(*) DESC LIMIT 40",
            )?,
        ),
        (
            "words in another order",
            column(&format!(
                "SELECT substring(name FROM '[^ ]+$') || ' ' || substring(name FROM '^[^ ]+') {sample} \
                 AND name LIKE '% %' AND name ~ '^[^ ]{{3}}.*[^ ]{{3}}$'"
            ))?,
        ),
        (
            "another script",
            // Names in Bangla whose first word is typed as retailers with Latin names write it, so that no name contains the
            // whole text.
            column(
                "SELECT (SELECT min(l.word) FROM retailer_vocabulary AS l \
                          WHERE l.tenant_id = 1 AND l.sound = v.sound AND l.word < 'zz') || substr(r.name, strpos(r.name, ' ')) \
                 FROM (SELECT lower(name) AS name FROM retailers WHERE tenant_id = 1 AND id % 1999 = 7 AND name > 'zz') AS r \
                 JOIN retailer_vocabulary AS v ON v.tenant_id = 1 AND v.word = split_part(r.name, ' ', 1) \
                 WHERE v.sound <> '' AND strpos(r.name, ' ') > 0 AND EXISTS (SELECT FROM retailer_vocabulary AS l \
                          WHERE l.tenant_id = 1 AND l.sound = v.sound AND l.word < 'zz') LIMIT 120",
            )?,
        ),
        ("phone fragment", column(&format!("SELECT substr(phone, 7, 6) {sample} AND phone IS NOT NULL"))?),
        ("no match", column(&format!("SELECT 'zq' || substr(md5(name), 1, 6) {sample}"))?),
    ])
}

/// Encodes a value of a query.
pub(crate) fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
