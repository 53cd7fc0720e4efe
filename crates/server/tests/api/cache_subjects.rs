//! Which changes empty which caches, over HTTP. The tests change rows without an entry in the change feed, so a response shows
//! whether it came from memory.

use std::time::Duration;

use serde_json::Value;

use crate::support::App;

/// Waits until a change of another process must be visible.
async fn after_the_lease() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_change_empties_only_the_caches_of_its_data() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let get = async |path: &str| app.server.get(path).bearer_auth(&token).send().await.unwrap();
    let points = async |path: &str| {
        let response = get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let body: Value = response.json().await.unwrap();
        let retailers = body["data"].as_array().unwrap();
        let retailer = retailers.iter().find(|retailer| retailer["uid"] == "RTL-0001").unwrap();
        retailer["points"].as_i64().unwrap()
    };
    let before = points("/retailers?limit=10").await;
    let owner = app.database.owner().await;
    let (tenant, rep) = (app.fixture.ours.tenant, app.fixture.ours.rep.id);
    let retailer = app.fixture.ours.retailers[0].id;
    owner
        .batch_execute(&format!(
            "UPDATE retailers SET points = points + 7 WHERE tenant_id = {tenant} AND id = {retailer}; \
             UPDATE sessions SET ended_at = now() WHERE tenant_id = {tenant} AND user_id = {rep}"
        ))
        .await
        .unwrap();

    // A busy day: each visit and each order is a transaction of its own.
    let entry = "INSERT INTO changes (tenant_id, audience, entity, entity_id, kind) VALUES";
    for _ in 0..500 {
        let visit = format!("{entry} ({tenant}, 'user', 'visits', {rep}, 'created')");
        owner.batch_execute(&visit).await.unwrap();
        let order = format!("{entry} ({tenant}, 'retailer', 'orders', {retailer}, 'created')");
        owner.batch_execute(&order).await.unwrap();
    }
    after_the_lease().await;
    assert_eq!(points("/retailers?limit=10").await, before, "the cached response and the token are used");
    assert_eq!(points("/retailers?limit=9").await, before, "the cached list of retailers is used");

    let entry = "INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES";
    let change = format!("{entry} ({tenant}, 'retailer', {retailer}, 'updated')");
    owner.batch_execute(&change).await.unwrap();
    after_the_lease().await;
    assert_eq!(points("/retailers?limit=10").await, before + 7, "a change of a retailer empties the list …");
    assert_eq!(points("/retailers?limit=9").await, before + 7, "… and the responses, but not the token");

    owner.batch_execute(&format!("{entry} ({tenant}, 'user', {rep}, 'updated')")).await.unwrap();
    after_the_lease().await;
    assert_eq!(get("/retailers?limit=10").await.status(), 401, "a change of the user empties the auth state");
}
