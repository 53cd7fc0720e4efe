//! Teams: what leaders and managers see and change through them.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::roles::Map;
use crate::scopes::{add_manager, numbered, uids};
use crate::support::{App, code, done, problem};

impl App {
    /// Creates a team as `admin`; returns the id.
    async fn add_team(&self, body: Value) -> i64 {
        done(self.send_as("admin", Method::POST, "/teams", &body).await).await["id"].as_i64().unwrap()
    }

    /// Adds users to a team, moving them from other teams.
    async fn move_to(&self, caller: &str, team: i64, users: &[i64]) -> Response {
        let body = json!({"users": users, "move": true});
        self.send_as(caller, Method::POST, &format!("/teams/{team}/members"), &body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_see_and_change_the_retailers_of_their_members() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let (rep, other) = (app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
    let north = app.add_team(json!({"name": "North", "area": map.area, "members": [rep]})).await;
    let south = app.add_team(json!({"name": "South", "members": [other]})).await;
    let leader = add_manager(&app, "leader", "team_leader", "team_id", north).await;
    let seen = async |path: &str| uids(app.get_as("leader", path).await).await;
    let listed = async || seen("/retailers?sort=uid&includeTotal=true").await;
    assert_eq!(listed().await, (numbered(&[1, 2, 3, 4]), Some(4)));
    let row: Value = app.get_as("leader", "/retailers?limit=1").await.json().await.unwrap();
    assert_eq!(row["data"][0].get("assignedAt"), None, "of the sales rep's own lists only");
    assert_eq!(seen("/admin/retailers?sort=uid&includeTotal=true").await, (numbered(&[1, 2, 3, 4]), Some(4)));
    assert_eq!(seen("/retailers?q=Shop&includeTotal=true").await, (numbered(&[4]), Some(1)));
    assert_eq!(seen("/admin/retailers?salesRep=sr00002").await.0, numbered(&[4]), "served by both");
    assert_eq!(seen(&format!("/admin/sales-reps/{rep}/retailers?sort=uid")).await.0, numbered(&[1, 2, 3, 4]));
    let foreign = app.get_as("leader", &format!("/admin/sales-reps/{other}/retailers")).await;
    assert_eq!(foreign.status(), 404, "of another team");
    let users: Value = app.get_as("leader", "/users").await.json().await.unwrap();
    assert_eq!(users["data"].as_array().unwrap().len(), 1);
    assert_eq!(users["data"][0]["team"], json!({"id": north, "name": "North"}));
    assert_eq!(app.get_as("leader", &format!("/users/{other}")).await.status(), 404);
    let export = app.get_as("leader", "/admin/retailers/export").await.text().await.unwrap();
    assert_eq!((1..=6).filter(|number| export.contains(&format!("RTL-000{number}"))).count(), 4);
    let update = async |number: i64| {
        let path = format!("/retailers/RTL-000{number}");
        app.send_as("leader", Method::PATCH, &path, &json!({"points": 50 + number})).await.status().as_u16()
    };
    assert_eq!((update(1).await, update(4).await, update(5).await, update(6).await), (200, 200, 404, 404));
    // A grant for a second team and as a sales rep: the union, and a retailer of two members once.
    let grants = json!({"roles": [{"role": "team_leader", "teams": [south]}, "sales_rep"]});
    done(app.send_as("admin", Method::POST, &format!("/users/{leader}/roles"), &grants).await).await;
    assert_eq!(listed().await, (numbered(&[1, 2, 3, 4, 5]), Some(5)));
    let mut paged = Vec::new();
    let mut path = "/retailers?limit=2".to_owned();
    loop {
        let body: Value = app.get_as("leader", &path).await.json().await.unwrap();
        paged.extend(
            body["data"].as_array().unwrap().iter().map(|row| row["uid"].as_str().unwrap().to_owned()),
        );
        match body["page"]["nextCursor"].as_str() {
            Some(cursor) => path = format!("/retailers?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    paged.sort_unstable();
    assert_eq!(paged, numbered(&[1, 2, 3, 4, 5]), "no retailer appears twice while paging");
    // The member leaves: at once, for reads and for changes.
    let path = format!("/teams/{north}/members/{rep}");
    assert_eq!(app.send_as("admin", Method::DELETE, &path, &Value::Null).await.status(), 204);
    assert_eq!(listed().await.0, numbered(&[4, 5]));
    assert_eq!((update(1).await, update(4).await), (404, 200));
    let entries: Value = app.get_as("admin", "/audit?entity=team&limit=1").await.json().await.unwrap();
    let entry = &entries["data"][0];
    assert_eq!((&entry["action"], &entry["entityName"]), (&json!("team.change-members"), &json!("North")));
    let changes = "SELECT count(*) FROM changes WHERE sales_rep_id = $1 AND entity <> 'retailer'";
    let owner = app.database.owner().await;
    let entries: i64 = owner.query_one(changes, &[&rep]).await.unwrap().get(0);
    assert_eq!(entries, 0, "a change of a team does not invalidate the retailers of a sales rep");
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_manage_the_teams_of_their_areas() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let (rep, other) = (app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
    let north = app.add_team(json!({"name": "North", "area": map.area, "members": [rep]})).await;
    let second = app.add_team(json!({"name": "Second", "area": map.area})).await;
    let tongi = app.add_team(json!({"name": "Tongi", "area": map.other_area, "members": [other]})).await;
    add_manager(&app, "area", "area_manager", "area_id", map.area).await;
    add_manager(&app, "region", "regional_manager", "region_id", map.region).await;
    let names = async |caller: &str, path: &str| -> Vec<String> {
        let body = done(app.get_as(caller, path).await).await;
        body["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("area", "/teams").await, ["North", "Second"]);
    assert_eq!(names("region", "/teams").await, ["North", "Second", "Tongi"]);
    assert_eq!(names("sr00001", "/teams").await, ["North"], "their own");
    assert_eq!(names("sr00001", &format!("/teams/{north}/members")).await, ["Rahim Uddin"]);
    assert_eq!(names("admin", "/teams?leaderless=true").await.len(), 3);
    assert_eq!(names("admin", &format!("/users?area={}", map.other_area)).await.len(), 1);
    for (method, path, body) in [
        (Method::GET, format!("/teams/{tongi}"), Value::Null),
        (Method::GET, format!("/teams/{tongi}/members"), Value::Null),
        (Method::PATCH, format!("/teams/{tongi}"), json!({"name": "Mine"})),
        (Method::PUT, format!("/teams/{tongi}"), json!({"area": map.area})),
        (Method::POST, format!("/teams/{tongi}/members"), json!({"users": [rep], "move": true})),
        (Method::DELETE, format!("/teams/{tongi}/members/{other}"), Value::Null),
        (Method::DELETE, format!("/teams/{tongi}"), Value::Null),
    ] {
        let outside = app.send_as("area", method.clone(), &path, &body).await;
        let unknown =
            app.send_as("area", method.clone(), &path.replace(&tongi.to_string(), "987654"), &body).await;
        assert_eq!(
            (outside.status(), unknown.status()),
            (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
            "{method} {path}"
        );
        assert_eq!(problem(outside).await["title"], problem(unknown).await["title"]);
    }
    // Into an area out of scope, or out of every area: refused like an unknown area.
    for (area, expected) in
        [(json!(map.far_area), "not-found"), (json!(987_654), "not-found"), (Value::Null, "required")]
    {
        let body = json!({"area": area});
        let response = app.send_as("area", Method::PATCH, &format!("/teams/{second}"), &body).await;
        assert_eq!(problem(response).await["errors"][0]["code"], expected, "{area}");
        let body = json!({"name": "Third", "area": area});
        let response = app.send_as("area", Method::POST, "/teams", &body).await;
        assert_eq!(problem(response).await["errors"][0]["code"], expected, "{area}");
    }
    // Between own teams; the users of other teams look like unknown ones.
    let moved = done(app.move_to("area", second, &[rep, other, 987_654]).await).await;
    assert_eq!(moved["moved"], json!([{"user": rep, "from": {"id": north, "name": "North"}}]));
    assert_eq!(moved["notFound"], json!([other, 987_654]));
    let all = done(app.move_to("region", north, &[rep, other]).await).await;
    assert_eq!(all["moved"].as_array().unwrap().len(), 2);
    let again = done(app.move_to("region", north, &[rep]).await).await;
    assert_eq!(again["alreadyMembers"], json!([rep]));
    let body = json!({"users": [rep]});
    let response = app.send_as("region", Method::POST, &format!("/teams/{second}/members"), &body).await;
    let problem = problem(response).await;
    assert_eq!((&problem["code"], &problem["status"]), (&json!("in-another-team"), &json!(409)));
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("sr00001"), "{problem}");
    // Naming leaders is granting a role.
    let body = json!({"name": "Fourth", "area": map.area, "leaders": [rep]});
    assert_eq!(app.send_as("area", Method::POST, "/teams", &body).await.status(), 403);
    let fourth = done(app.send_as("admin", Method::POST, "/teams", &body).await).await;
    assert_eq!(fourth["leaders"][0]["username"], "sr00001");
    let roles = done(app.get_as("admin", &format!("/users/{rep}")).await).await["roles"].clone();
    assert_eq!(roles, json!(["team_leader", "sales_rep"]));
    // A team with members cannot be closed; a closed one cannot be changed.
    let path = format!("/teams/{north}");
    let response = app.send_as("area", Method::DELETE, &path, &Value::Null).await;
    let refused = crate::support::problem(response).await;
    assert_eq!((&refused["code"], &refused["references"]), (&json!("in-use"), &json!({"members": 2})));
    assert_eq!(
        app.send_as("area", Method::DELETE, &format!("/teams/{second}"), &Value::Null).await.status(),
        204
    );
    let closed = app.send_as("area", Method::PATCH, &format!("/teams/{second}"), &json!({"name": "X"})).await;
    assert_eq!(code(closed).await, "team-closed");
    let response = app
        .send_as(
            "admin",
            Method::PUT,
            &format!("/users/{rep}/roles"),
            &json!({"roles": [{"role": "team_leader", "teams": [second]}]}),
        )
        .await;
    assert_eq!(response.status(), 404, "a closed team has no leader");
    let area =
        app.send_as("admin", Method::DELETE, &format!("/admin/areas/{}", map.far_area), &Value::Null).await;
    assert_eq!(area.status(), 204, "no team is at home there");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_cannot_widen_their_scope() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let (rep, other) = (app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
    let north = app.add_team(json!({"name": "North", "area": map.area, "members": [rep]})).await;
    let south = app.add_team(json!({"name": "South", "members": [other]})).await;
    let leader = add_manager(&app, "leader", "team_leader", "team_id", north).await;
    for (method, path, body) in [
        (Method::POST, format!("/teams/{south}/members"), json!({"users": [leader], "move": true})),
        (Method::POST, format!("/teams/{north}/members"), json!({"users": [other], "move": true})),
        (Method::POST, "/teams".to_owned(), json!({"name": "Mine", "leaders": [leader]})),
        (Method::PUT, format!("/teams/{south}"), json!({"area": map.area})),
        (Method::POST, format!("/users/{leader}/roles"), json!({"roles": ["admin"]})),
        (Method::PATCH, format!("/users/{rep}"), json!({"name": "X"})),
    ] {
        assert_eq!(
            app.send_as("leader", method.clone(), &path, &body).await.status(),
            403,
            "{method} {path}"
        );
    }
    let members = "SELECT count(*) FROM team_members WHERE team_id = $1 AND user_id = $2";
    let owner = app.database.owner().await;
    for (team, user, count) in [(north, rep, 1_i64), (south, other, 1)] {
        assert_eq!(owner.query_one(members, &[&team, &user]).await.unwrap().get::<_, i64>(0), count);
    }
    // An administrator who names themselves grants themselves a role.
    let body = json!({"name": "Mine", "leaders": [app.fixture.ours.admin.id]});
    let response = app.send_as("admin", Method::POST, "/teams", &body).await;
    assert_eq!(code(response).await, "cannot-target-self");
    let manager = add_manager(&app, "area", "area_manager", "area_id", map.area).await;
    let body = json!({"name": "Theirs", "leaders": [manager]});
    let response = app.send_as("admin", Method::POST, "/teams", &body).await;
    assert_eq!(code(response).await, "incompatible-roles");
    let teams: i64 = owner.query_one("SELECT count(*) FROM teams", &[]).await.unwrap().get(0);
    assert_eq!(teams, 2, "nothing is written on an error");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_users_name_the_teams_that_they_leave_without_a_leader() {
    let app = App::new().await;
    let (north, south) =
        (app.add_team(json!({"name": "North"})).await, app.add_team(json!({"name": "South"})).await);
    let leader = add_manager(&app, "leader", "team_leader", "team_id", north).await;
    let second = add_manager(&app, "second", "team_leader", "team_id", south).await;
    let both = json!({"roles": [{"role": "team_leader", "teams": [north, south]}]});
    let leaderless = async |method: Method, path: &str, body: &Value| -> Value {
        done(app.send_as("admin", method, path, body).await).await["leaderlessTeams"].clone()
    };
    let named = |id: i64, name: &str| json!({"id": id, "name": name});
    let (user, roles) = (format!("/users/{leader}"), format!("/users/{leader}/roles"));
    let status = format!("/admin/users/{leader}/status");
    assert_eq!(leaderless(Method::POST, &roles, &both).await, json!([]));
    // South has another leader.
    let (disabled, enabled) = (json!({"state": "disabled"}), json!({"state": "active"}));
    let expected = json!([named(north, "North")]);
    for (method, path, body) in [
        (Method::PATCH, &user, &disabled),
        (Method::PUT, &user, &disabled),
        (Method::PUT, &status, &json!({"status": "suspended"})),
    ] {
        let dry_run = format!("{path}?validateOnly=true");
        assert_eq!(leaderless(method.clone(), &dry_run, body).await, expected, "{method} {path}");
        assert_eq!(leaderless(method.clone(), path, body).await, expected, "{method} {path}");
        assert_eq!(leaderless(method.clone(), path, body).await, json!([]), "{method} {path}: unchanged");
        assert_eq!(leaderless(Method::PATCH, &user, &enabled).await, json!([]));
    }
    let dry_run = leaderless(Method::DELETE, &format!("{user}?validateOnly=true"), &Value::Null).await;
    assert_eq!(dry_run, expected);
    // The other leader is disabled, so that each team has one active leader.
    assert_eq!(leaderless(Method::PATCH, &format!("/users/{second}"), &disabled).await, json!([]));
    let one = json!({"roles": [{"role": "team_leader", "teams": [south]}]});
    assert_eq!(leaderless(Method::PUT, &roles, &one).await, expected);
    let held = done(app.get_as("admin", &roles).await).await;
    let grant = format!("{roles}/{}", held["data"][0]["id"]);
    assert_eq!(leaderless(Method::DELETE, &grant, &Value::Null).await, json!([named(south, "South")]));
    let listed = done(app.get_as("admin", "/teams?leaderless=true").await).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2, "the same teams");
    // A disabled user led nothing.
    let held = format!("/users/{second}/roles");
    assert_eq!(leaderless(Method::PUT, &held, &json!({"roles": []})).await, json!([]));
    // A closed team needs no leader.
    assert_eq!(leaderless(Method::POST, &roles, &one).await, json!([]));
    done(app.send_as("admin", Method::DELETE, &format!("/teams/{south}"), &Value::Null).await).await;
    assert_eq!(leaderless(Method::PATCH, &user, &disabled).await, json!([]));
}
