//! Rate limits and metrics.

use reqwest::Method;
use serde_json::Value;

use crate::support::{App, code};

#[tokio::test(flavor = "multi_thread")]
async fn rate_limit_applies_per_caller_and_route() {
    let app = App::with(&[("HAAT_RATE_PER_SECOND", "1"), ("HAAT_RATE_BURST", "5")]).await;
    let (one, other) =
        (app.server.token("default", "sr00001").await, app.server.token("default", "sr00002").await);
    let get = async |token: &str, path: &str| app.server.get(path).bearer_auth(token).send().await.unwrap();
    for remaining in (0..5).rev() {
        let response = get(&one, "/retailers").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["ratelimit"], format!("\"caller\";r={remaining};t=1"));
        assert_eq!(response.headers()["ratelimit-policy"], "\"caller\";q=5;w=5");
    }
    let response = get(&one, "/retailers?limit=1").await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["ratelimit"], "\"caller\";r=0;t=1");
    assert_eq!(response.headers()["retry-after"], "1");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], "too-many-requests");
    assert_eq!(get(&one, "/auth/me").await.status(), 200, "another route");
    assert_eq!(get(&other, "/retailers").await.status(), 200, "another caller");
    for uid in ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0001"] {
        assert_eq!(get(&one, &format!("/retailers/{uid}")).await.status(), 200);
    }
    let response = get(&one, "/retailers/RTL-0001").await;
    assert_eq!(response.status(), 429, "all retailers share one route");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(get(&one, "/retailers").await.status(), 200);
    assert_eq!(code(get("nonsense", "/retailers").await).await, "invalid-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_route_and_not_by_path() {
    let app = App::new().await;
    for path in
        ["/retailers/RTL-0001", "/retailers/RTL-0001", "/retailers/RTL-0005", "/nowhere/7", "/nowhere/8"]
    {
        app.get_as("sr00001", path).await;
    }
    for word in ["BREW", "WHEN", "PROPFIND"] {
        app.server.request(Method::from_bytes(word.as_bytes()).unwrap(), "/retailers").send().await.unwrap();
    }
    let text = app.server.get("/metrics").send().await.unwrap().text().await.unwrap();
    let count = |line: &str| {
        let value =
            text.lines().find_map(|each| each.strip_prefix(line)).unwrap_or_else(|| panic!("{line}\n{text}"));
        value.trim().parse::<u64>().unwrap()
    };
    let requests = |labels: &str| count(&format!("haat_http_request_duration_seconds_count{{{labels}}}"));
    assert_eq!(requests("method=\"GET\",route=\"/retailers/{uid}\",status=\"200\""), 2);
    assert_eq!(requests("method=\"GET\",route=\"/retailers/{uid}\",status=\"404\""), 1);
    assert_eq!(requests("method=\"GET\",route=\"\",status=\"404\""), 2);
    assert_eq!(count("haat_response_cache_lookups_total{result=\"hit\"}"), 1);
    assert_eq!(count("haat_response_cache_lookups_total{result=\"miss\"}"), 2);
    assert!(text.contains("method=\"other\"") && !text.contains("BREW"), "unknown methods share one label");
    assert!(!text.contains("RTL-"), "no path is a label");
}
