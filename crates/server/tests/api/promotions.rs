//! Users whose roles change while their changes or jobs are under way.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::import_requests::NO_WORKERS;
use crate::jobs::{BULK, ended};
use crate::scope_races::Company;
use crate::support::{App, Server, done};

impl Company {
    /// Submits, as the area manager, a file that assigns a retailer of each area to sales rep 1. Returns the job's id.
    async fn submit(&self) -> Value {
        let token = self.app.server.token("default", "area").await;
        let file = "uid,sales_rep\nRTL-0004,sr00001\nRTL-0005,sr00001\n";
        let request = self.app.server.request(Method::POST, &format!("{BULK}?ifAssigned=move"));
        let request = request.bearer_auth(token).header("content-type", "text/csv").body(file);
        done(request.send().await.unwrap()).await["id"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_neither_loses_nor_repeats_queued_changes() {
    let company = Company::new().await;
    let (rep, server) = (company.app.fixture.ours.rep.id, &company.app.server);
    let token = server.token("default", "sr00001").await;
    let queue = async {
        let mut repeated = 0;
        for number in 1..=100 {
            let request = || {
                let request = server.request(Method::PATCH, "/retailers/RTL-0001").bearer_auth(&token);
                request
                    .header("idempotency-key", format!("queued-{number}"))
                    .json(&json!({"points": 100 + number}))
            };
            let mut response = request().send().await.unwrap();
            while response.status() == StatusCode::SERVICE_UNAVAILABLE {
                repeated += 1;
                response = request().send().await.unwrap();
            }
            let changed = done(response).await;
            assert_eq!(changed["points"], 100 + number);
            assert_eq!(changed["version"], number + 1, "each change counts once");
        }
        repeated
    };
    let promotions = async {
        for _ in 0..10 {
            let promoted = json!(["sales_rep", {"role": "team_leader", "teams": [company.other_team]}]);
            company.app.change_roles(Method::PUT, rep, &promoted).await;
            company.app.change_roles(Method::PUT, rep, &json!(["sales_rep"])).await;
        }
    };
    let (repeated, ()) = tokio::join!(queue, promotions);
    let audited =
        "SELECT count(*) FROM audit_logs WHERE action = 'retailer.update' AND entity_id = 'RTL-0001'";
    let audited: i64 = company.owner.query_one(audited, &[]).await.unwrap().get(0);
    assert_eq!(audited, 100, "{repeated} requests were repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_uses_the_scope_that_its_requester_has_when_it_runs() {
    let company = Company::of(App::with(&[NO_WORKERS]).await).await;
    let id = company.submit().await;
    let areas = json!([{"role": "area_manager", "areas": [company.map.area, company.map.other_area]}]);
    company.app.change_roles(Method::PUT, company.manager, &areas).await;
    let working = Server::start(&company.app.database.app_url(), &[]);
    let job = ended(&working, &id).await;
    assert_eq!((&job["state"], &job["rows"]["failed"]), (&json!("SUCCEEDED"), &json!(0)), "{job}");
    assert_eq!(company.reps("RTL-0005").await, ["sr00001"], "in the area of the new role");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_disabled_user_changes_nothing() {
    let company = Company::of(App::with(&[NO_WORKERS]).await).await;
    let before = (company.reps("RTL-0004").await, company.reps("RTL-0005").await);
    let id = company.submit().await;
    let path = format!("/admin/users/{}/status", company.manager);
    done(company.app.send_as("admin", Method::PUT, &path, &json!({"status": "suspended"})).await).await;
    let working = Server::start(&company.app.database.app_url(), &[]);
    let job = ended(&working, &id).await;
    assert_eq!(job["state"], "FAILED", "{job}");
    assert_eq!((company.reps("RTL-0004").await, company.reps("RTL-0005").await), before);
}
