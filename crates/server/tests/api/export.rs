//! The CSV export of the pool.

use std::collections::BTreeMap;

use haat_test_support::{Fixture, Proxy, TestDatabase};
use reqwest::Response;

use crate::support::{App, Server, code};

const EXPORT: &str = "/admin/retailers/export";
const HEAD: &str = "uid,name,phone,region,area,territory,distributor,points,routes,notes,sales_reps\r\n";

async fn export(app: &App, query: &str) -> String {
    let response = app.get_as("admin", &format!("{EXPORT}?{query}")).await;
    assert_eq!(response.status(), 200, "{query}");
    let text = response.text().await.unwrap();
    text.trim_start_matches('\u{FEFF}').strip_prefix(HEAD).unwrap().to_owned()
}

fn uids(rows: &str) -> Vec<&str> {
    rows.split("\r\n").filter(|row| !row.is_empty()).map(|row| row.split(',').next().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn export_is_utf_8_with_a_file_name_and_escaped_formulas() {
    let app = App::new().await;
    app.database
        .owner()
        .await
        .batch_execute(
            "UPDATE retailers SET name = '=HYPERLINK(\"http://x\")', notes = E'-1+1\\nb', routes = '{@a,b}', \
                 distributor_id = NULL WHERE uid = 'RTL-0005'",
        )
        .await
        .unwrap();
    let response: Response = app.get_as("admin", EXPORT).await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    let name = response.headers()["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\"retailers-20") && name.ends_with(".csv\""), "{name}");
    assert_eq!(name.len(), "attachment; filename=\"retailers-2026-11-20.csv\"".len());
    let bytes = response.bytes().await.unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    let rows = text.strip_prefix('\u{FEFF}').unwrap().strip_prefix(HEAD).unwrap();
    assert!(rows.starts_with(
        "RTL-0001,মা স্টোর,01711-223301,Dhaka,Gazipur,Kaliganj,Rahman Traders,1,Bazar,,sr00001\r\n"
    ));
    let row = "RTL-0005,\"'=HYPERLINK(\"\"http://x\"\")\",01711-223305,Dhaka,Gazipur,Kaliganj,,5,'@a;b,\"'-1+1\nb\",sr00002\r\n";
    assert!(rows.contains(row), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn export_accepts_the_filters_of_the_list() {
    let app = App::new().await;
    let statement = "UPDATE retailers SET deleted_at = now() WHERE uid = 'RTL-0006'";
    app.database.owner().await.batch_execute(statement).await.unwrap();
    for (query, expected) in [
        ("", vec!["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005"]),
        ("deleted=true", vec!["RTL-0006"]),
        ("salesRep=sr00002", vec!["RTL-0004", "RTL-0005"]),
        ("salesRep=unknown", vec![]),
        ("assigned=false", vec![]),
        ("assigned=true&q=shop", vec!["RTL-0004", "RTL-0005"]),
        ("territory=Atlantis", vec![]),
        ("region=Dhaka&q=0003", vec!["RTL-0003"]),
    ] {
        assert_eq!(uids(&export(&app, query).await), expected, "{query}");
    }
    for bad in ["limit=5", "sort=name", "q=a", "assigned=x"] {
        assert_eq!(app.get_as("admin", &format!("{EXPORT}?{bad}")).await.status(), 422, "{bad}");
    }
}

/// Inserts `rows` retailers into the tenant `default`.
async fn insert_retailers(database: &TestDatabase, rows: i64) {
    database
        .owner()
        .await
        .execute(
            "INSERT INTO retailers (tenant_id, uid, name, phone, region_id, area_id, territory_id, points, routes, notes, \
                 search_key) \
             SELECT r.tenant_id, 'X-' || n, CASE n % 4 WHEN 0 THEN '=' || n WHEN 1 THEN 'a, \"b\"' ELSE 'দোকান ' || n END, \
                 NULL, r.region_id, r.area_id, r.territory_id, (n % 1000)::int, ARRAY['R' || n % 9, 'S'], \
                 CASE WHEN n % 5 = 0 THEN E'line\\n' || n END, 'x' \
             FROM generate_series(1, $1::bigint) AS n, retailers AS r JOIN tenants AS t ON t.id = r.tenant_id \
             WHERE t.slug = 'default' AND r.uid = 'RTL-0001'",
            &[&rows],
        )
        .await
        .unwrap();
}

/// Parses CSV into rows of cells, as far as these tests need it.
/// Parses CSV by other code than the program's.
pub(crate) fn parse(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            character => cell.push(character),
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_a_long_export_matches_the_database() {
    let app = App::new().await;
    insert_retailers(&app.database, 30_000).await;
    let rows = app
        .database
        .owner()
        .await
        .query(
            "SELECT r.uid, r.name, coalesce(regexp_replace(r.phone, '^\\+880(....)', '0\\1-'), ''), g.name, a.name, t.name, coalesce(d.name, ''), r.points::text, \
                 array_to_string(r.routes, ';'), coalesce(r.notes, ''), coalesce((\
                     SELECT string_agg(u.username, ';' ORDER BY u.username) FROM sales_rep_retailers AS s \
                       JOIN users AS u ON u.id = s.sales_rep_id WHERE s.retailer_id = r.id), '') \
             FROM retailers AS r JOIN tenants AS n ON n.id = r.tenant_id AND n.slug = 'default' \
             JOIN regions AS g ON g.id = r.region_id JOIN areas AS a ON a.id = r.area_id \
             JOIN territories AS t ON t.id = r.territory_id LEFT JOIN distributors AS d ON d.id = r.distributor_id \
             ORDER BY r.uid",
            &[],
        )
        .await
        .unwrap();
    let expected: BTreeMap<String, Vec<String>> =
        rows.iter().map(|row| (row.get(0), (0..11).map(|column| row.get(column)).collect())).collect();
    assert_eq!(expected.len(), 30_006);
    let text = export(&app, "").await;
    let mut exported = parse(&text, ',');
    for cell in exported.iter_mut().flatten() {
        if let Some(value) = cell.strip_prefix('\'') {
            *cell = value.to_owned();
        }
    }
    assert!(exported.iter().map(|row| &row[0]).is_sorted(), "by uid");
    assert_eq!(exported.len(), expected.len());
    for row in exported {
        assert_eq!(expected.get(&row[0]), Some(&row));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_export_is_streamed() {
    let app = App::new().await;
    insert_retailers(&app.database, 20_000).await;
    let whole = export(&app, "").await;
    let token = app.server.token("default", "admin").await;
    let mut response =
        app.server.get(EXPORT).bearer_auth(token).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let (mut chunks, mut bytes) = (0, Vec::new());
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
        chunks += 1;
    }
    assert!(chunks > 3, "{chunks}");
    assert_eq!(bytes[..2], [0x1f, 0x8b]);
    assert!(bytes.len() * 3 < whole.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_export_ends_with_an_error() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    insert_retailers(&database, 200_000).await;
    let proxy = Proxy::new(&database.app_url()).await;
    let server = Server::start(&proxy.through(&database.app_url()), &[("HAAT_LOG", "off")]);
    let token = server.token("default", "admin").await;
    let mut response = server.get(EXPORT).bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.chunk().await.unwrap().is_some());
    // The client does not read meanwhile, so most rows have not been queried yet.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    proxy.take_down();
    let broken = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken, "the client sees that the file is incomplete");
    let refused = server.get(EXPORT).bearer_auth(&token).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), code(refused).await.as_str()), (503, "unavailable"));
}
