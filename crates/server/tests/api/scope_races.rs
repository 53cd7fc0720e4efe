//! Retailers, sales reps and members that leave the scope of a manager while a request of theirs runs, and files and plans of
//! managers.

use haat_test_support::Client;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::jobs::{BULK, ended, without_messages};
use crate::roles::Map;
use crate::scopes::add_manager;
use crate::support::{App, code, done, eventually, problem};

/// The company of the fixture with a team at home in its area, whose member is the first sales rep, and one elsewhere with the
/// second; an area manager `area`, and a leader `leader` of the first team.
pub(crate) struct Company {
    pub(crate) app: App,
    pub(crate) map: Map,
    team: i64,
    pub(crate) other_team: i64,
    pub(crate) manager: i64,
    pub(crate) owner: Client,
}

impl Company {
    pub(crate) async fn new() -> Self {
        Self::of(App::new().await).await
    }

    pub(crate) async fn of(app: App) -> Self {
        let map = Map::of(&app).await;
        let (rep, other) = (app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
        let add = async |name: &str, area: i64, member: i64| {
            let team = json!({"name": name, "area": area, "members": [member]});
            let team = done(app.send_as("admin", Method::POST, "/teams", &team).await).await;
            team["id"].as_i64().unwrap()
        };
        let team = add("Team", map.area, rep).await;
        let other_team = add("Other", map.other_area, other).await;
        let manager = add_manager(&app, "area", "area_manager", "area_id", map.area).await;
        add_manager(&app, "leader", "team_leader", "team_id", team).await;
        let owner = app.database.owner().await;
        Self { app, map, team, other_team, manager, owner }
    }

    async fn post(&self, caller: &str, path: &str, request: &Value) -> Response {
        self.app.send_as(caller, Method::POST, path, request).await
    }

    /// The usernames of the sales reps of a retailer.
    pub(crate) async fn reps(&self, uid: &str) -> Vec<String> {
        let select = "SELECT u.username FROM sales_rep_retailers AS a JOIN users AS u ON u.id = a.sales_rep_id \
                      JOIN retailers AS r ON r.id = a.retailer_id WHERE r.tenant_id = $1 AND r.uid = $2 ORDER BY 1";
        let rows = self.owner.query(select, &[&self.app.fixture.ours.tenant, &uid]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Waits until this many connections wait for a lock.
    async fn waiting(&self, connections: i64) {
        let owner = self.app.database.owner().await;
        let select = "SELECT count(DISTINCT l.pid) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid \
                      WHERE a.datname = current_database() AND NOT l.granted";
        eventually(async || owner.query_one(select, &[]).await.unwrap().get::<_, i64>(0) == connections)
            .await;
    }
}

fn assign(rep: &str, uids: &[&str]) -> Value {
    json!({"assignments": [{"salesRep": rep, "retailers": uids}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retailer_that_leaves_the_scope_while_it_is_locked_is_not_assigned() {
    let company = Company::new().await;
    // RTL-0005 enters the area, and leaves it again in an open transaction.
    let relocate = async |area: i64| {
        let relocate = "UPDATE retailers SET area_id = $1, territory_id = \
                        (SELECT min(id) FROM territories WHERE area_id = $1) WHERE uid = 'RTL-0005' AND tenant_id = $2";
        company.owner.execute(relocate, &[&area, &company.app.fixture.ours.tenant]).await.unwrap();
    };
    for mode in ["share", "move"] {
        relocate(company.map.area).await;
        company.owner.batch_execute("BEGIN").await.unwrap();
        relocate(company.map.other_area).await;
        let mut request = assign("sr00001", &["RTL-0005", "RTL-0001"]);
        request["ifAssigned"] = json!(mode);
        let assigning = company.post("area", "/admin/assignments/bulk", &request);
        let leaving = async {
            company.waiting(1).await;
            company.owner.batch_execute("COMMIT").await.unwrap();
        };
        let (response, ()) = tokio::join!(assigning, leaving);
        let outcome = done(response).await;
        assert_eq!(outcome["notFound"], json!(["RTL-0005"]), "{mode}");
        assert_eq!(outcome["alreadyAssigned"], 1, "{mode}");
        assert_eq!(company.reps("RTL-0005").await, ["sr00002"], "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sales_rep_who_leaves_while_the_change_waits_is_not_found() {
    let company = Company::new().await;
    company.owner.batch_execute("BEGIN").await.unwrap();
    let leave = "DELETE FROM team_members WHERE user_id = $1";
    company.owner.execute(leave, &[&company.app.fixture.ours.rep.id]).await.unwrap();
    let request = assign("sr00001", &["RTL-0001"]);
    let assigning = company.post("area", "/admin/assignments/bulk", &request);
    let leaving = async {
        company.waiting(1).await;
        company.owner.batch_execute("COMMIT").await.unwrap();
    };
    let (response, ()) = tokio::join!(assigning, leaving);
    let problem = problem(response).await;
    assert_eq!(problem["errors"][0]["code"], "not-found");
    assert_eq!(problem["errors"][0]["field"], "assignments[0].salesRep");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_leaves_while_the_transfer_waits_is_not_found() {
    let company = Company::new().await;
    let join = json!({"users": [company.app.fixture.ours.other_rep.id], "move": true});
    let path = format!("/teams/{}/members", company.team);
    done(company.post("admin", &path, &join).await).await;
    company.owner.batch_execute("BEGIN").await.unwrap();
    let lock = "SELECT FROM retailers WHERE uid = 'RTL-0001' AND tenant_id = $1 FOR UPDATE";
    company.owner.execute(lock, &[&company.app.fixture.ours.tenant]).await.unwrap();
    let request = json!({"from": "sr00001", "to": ["sr00002"]});
    let transferring = company.post("area", "/admin/assignments/transfer", &request);
    let leaving = async {
        company.waiting(1).await;
        let leave = "DELETE FROM team_members WHERE user_id = $1";
        let other = company.app.database.owner().await;
        other.execute(leave, &[&company.app.fixture.ours.rep.id]).await.unwrap();
        company.owner.batch_execute("COMMIT").await.unwrap();
    };
    let (response, ()) = tokio::join!(transferring, leaving);
    let problem = problem(response).await;
    assert_eq!(problem["errors"][0]["field"], "from");
    assert_eq!(problem["errors"][0]["code"], "not-found");
    assert_eq!(company.reps("RTL-0002").await, ["sr00001"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_of_a_uid_does_not_show_retailers_out_of_scope() {
    let company = Company::new().await;
    let uids = ["rtl-0001", "rtl-0005", "rtl-0099"];
    for (path, request) in [
        ("bulk", json!({"assignments": [{"salesRep": "sr00001", "retailers": uids}]})),
        (
            "bulk-unassign",
            json!({"assignments": [{"salesRep": "sr00001", "retailers": uids}], "validateOnly": true}),
        ),
    ] {
        for caller in ["area", "leader"] {
            let response = company.post(caller, &format!("/admin/assignments/{path}"), &request).await;
            assert_eq!(done(response).await["notFound"], json!(["rtl-0005", "rtl-0099"]), "{caller} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_leaves_only_after_the_change_of_their_leader() {
    let company = Company::new().await;
    let rep = company.app.fixture.ours.rep.id;
    let leader = company.app.server.token("default", "leader").await;
    let admin = company.app.server.token("default", "admin").await;
    // Holds the change after its checks: the audit entry waits.
    company.owner.batch_execute("BEGIN; LOCK TABLE audit_logs IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let send = |method: Method, path: String, token: &str, request: Value| {
        let request = company.app.server.request(method, &path).bearer_auth(token).json(&request);
        async move { request.send().await.unwrap().status() }
    };
    let change = send(Method::PATCH, "/retailers/RTL-0001".into(), &leader, json!({"points": 77}));
    let removal = send(Method::DELETE, format!("/teams/{}/members/{rep}", company.team), &admin, json!({}));
    let change = tokio::spawn(change);
    company.waiting(1).await;
    let removal = tokio::spawn(removal);
    company.waiting(2).await;
    let blocked = "SELECT count(DISTINCT a.pid) FROM pg_stat_activity AS a \
                   JOIN pg_locks AS l ON l.pid = ANY (pg_blocking_pids(a.pid)) AND NOT l.granted \
                   WHERE a.datname = current_database()";
    let blocked: i64 = company.app.database.owner().await.query_one(blocked, &[]).await.unwrap().get(0);
    assert_eq!(blocked, 1, "the removal waits for the change");
    company.owner.batch_execute("COMMIT").await.unwrap();
    assert_eq!((change.await.unwrap(), removal.await.unwrap()), (StatusCode::OK, StatusCode::NO_CONTENT));
    let again = send(Method::PATCH, "/retailers/RTL-0001".into(), &leader, json!({"points": 78}));
    assert_eq!(again.await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_with_anything_outside_the_scope_are_stale() {
    let company = Company::new().await;
    let plan = async || {
        let mut request = assign("sr00001", &["RTL-0004"]);
        request["action"] = json!("unassign");
        let plan = done(company.post("area", "/admin/assignments/plans", &request).await).await;
        plan["batchId"].as_i64().unwrap()
    };
    let apply = async |caller: &str, plan: i64| {
        company.post(caller, &format!("/admin/assignments/plans/{plan}/apply"), &Value::Null).await
    };
    // The territory moves to another area: the retailer stays in its territory, but leaves the scope.
    let left = plan().await;
    let territory = "SELECT territory_id FROM retailers WHERE tenant_id = $1 AND uid = 'RTL-0004'";
    let tenant = company.app.fixture.ours.tenant;
    let territory: i64 = company.owner.query_one(territory, &[&tenant]).await.unwrap().get(0);
    let relocate = async |area: i64| {
        let path = format!("/admin/territories/{territory}");
        let moved = company.app.send_as("admin", Method::PATCH, &path, &json!({"area": area})).await;
        assert_eq!(moved.status(), StatusCode::OK);
    };
    relocate(company.map.other_area).await;
    let stale = problem(apply("area", left).await).await;
    assert_eq!(stale["code"], "plan-stale");
    let conflict = json!({"kind": "retailer", "name": "RTL-0004", "changed": "not-found"});
    assert_eq!(stale["conflicts"], json!({"count": 1, "first": [conflict]}));
    relocate(company.map.area).await;
    // The sales rep leaves the team.
    let left = plan().await;
    let rep = company.app.fixture.ours.rep.id;
    let join = async |team: i64| {
        let members = json!({"users": [rep], "move": true});
        done(company.post("admin", &format!("/teams/{team}/members"), &members).await).await;
    };
    join(company.other_team).await;
    let stale = problem(apply("area", left).await).await;
    let conflict = json!({"kind": "sales-rep", "name": "sr00001", "changed": "not-found"});
    assert_eq!(stale["conflicts"], json!({"count": 1, "first": [conflict]}));
    let path = format!("/admin/assignments/plans/{left}");
    assert_eq!(company.app.get_as("area", &path).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(company.reps("RTL-0004").await, ["sr00001", "sr00002"], "nothing was written");
    join(company.team).await;
    assert_eq!(company.app.get_as("area", &path).await.status(), StatusCode::OK);
    // Another manager does not find the plan, as if its id were unknown. The actor of the plan applies and undoes it.
    add_manager(&company.app, "second", "area_manager", "area_id", company.map.area).await;
    assert_eq!(code(apply("second", left).await).await, "not-found");
    assert_eq!(code(apply("area", 987_654).await).await, "not-found");
    assert_eq!(done(apply("area", left).await).await["unassigned"], 1);
    assert_eq!(company.reps("RTL-0004").await, ["sr00002"]);
    let undo = format!("/admin/assignments/batches/{left}/undo");
    assert_eq!(code(company.post("second", &undo, &Value::Null).await).await, "not-found");
    assert_eq!(done(company.post("area", &undo, &Value::Null).await).await["assigned"], 1);
    // The plan of a filter has the retailers of the scope.
    let filter = json!({"action": "assign", "filter": {}, "to": ["sr00001"]});
    let planned = done(company.post("area", "/admin/assignments/plans", &filter).await).await;
    assert_eq!((&planned["alreadyAssigned"], &planned["notFound"]), (&json!(4), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_file_changes_only_retailers_in_scope() {
    let company = Company::new().await;
    let file = "uid,sales_rep\nRTL-0001,sr00001\nRTL-0005,sr00001\nRTL-0002,sr00002\nRTL-0003,unknown\nRTL-0099,sr00001\n";
    let token = company.app.server.token("default", "area").await;
    for query in ["?ifAssigned=share", "?ifAssigned=move"] {
        let request = company.app.server.request(Method::POST, &format!("{BULK}{query}")).bearer_auth(&token);
        let accepted = request.header("content-type", "text/csv").body(file).send().await.unwrap();
        let id = done(accepted).await["id"].clone();
        let job = ended(&company.app.server, &id).await;
        assert_eq!(job["rows"], json!({"read": 5, "failed": 4, "repeated": 0}), "{job}");
        assert_eq!(job["counts"]["alreadyAssigned"], 1);
        let path = format!("/admin/assignments/jobs/{id}");
        let errors = company.app.get_as("area", &format!("{path}/errors")).await.text().await.unwrap();
        let expected = [
            "uid|sales_rep|row|code|field",
            "RTL-0005|sr00001|3|not-found|uid",
            "RTL-0002|sr00002|4|not-found|sales_rep",
            "RTL-0003|unknown|5|not-found|sales_rep",
            "RTL-0099|sr00001|6|not-found|uid",
        ];
        assert_eq!(without_messages(&errors), expected);
        for path in [path.clone(), format!("{path}/errors")] {
            assert_eq!(company.app.get_as("leader", &path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let jobs = done(company.app.get_as("leader", "/admin/assignments/jobs").await).await;
        assert_eq!(jobs["data"], json!([]), "of other users");
        let jobs = done(company.app.get_as("area", "/admin/assignments/jobs").await).await;
        assert_eq!(jobs["data"][0]["id"], id);
    }
    assert_eq!(company.reps("RTL-0005").await, ["sr00002"]);
}
