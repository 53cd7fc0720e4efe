//! A random company and the rules of scopes, in a model that never reads the database: the sales map, teams, users with their
//! grants, and retailers with their sales reps.

use std::collections::BTreeSet;

use haat_domain::retailer::{RetailerUid, search_key};
use haat_test_support::{Client, Dice, PASSWORD_HASH, TestDatabase, ToSql};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Server;

/// The slug of the tenant.
const COMPANY: &str = "world";
const NAMES: [&str; 6] =
    ["Maa Store", "Bismillah Traders", "নিউ স্টোর", "Karim Store", "Al Amin Pharmacy", "Shapla Store"];

/// A grant; the number is the index of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    National,
    Region(usize),
    Area(usize),
    Leader(usize),
    Rep,
    Distributor(usize),
    Retailer(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) team: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Retailer {
    pub(crate) uid: String,
    pub(crate) name: &'static str,
    pub(crate) territory: usize,
    pub(crate) distributor: usize,
    /// The sales reps who serve the retailer, by index of the user.
    pub(crate) reps: BTreeSet<usize>,
}

/// The model. References are indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) regions: Vec<i64>,
    /// The id and the region of each area.
    pub(crate) areas: Vec<(i64, usize)>,
    /// The id and the area of each territory.
    pub(crate) territories: Vec<(i64, usize)>,
    pub(crate) distributors: Vec<i64>,
    /// The id and the home area of each team.
    pub(crate) teams: Vec<(i64, Option<usize>)>,
    pub(crate) users: Vec<User>,
    pub(crate) retailers: Vec<Retailer>,
}

impl Model {
    fn area_of(&self, retailer: &Retailer) -> usize {
        self.territories[retailer.territory].1
    }

    /// Returns `true` if a grant covers a team.
    fn covers_team(&self, role: Role, team: usize) -> bool {
        let home = self.teams[team].1;
        match role {
            Role::National => true,
            Role::Region(region) => home.is_some_and(|area| self.areas[area].1 == region),
            Role::Area(area) => home == Some(area),
            Role::Leader(led) => led == team,
            Role::Rep | Role::Distributor(_) | Role::Retailer(_) => false,
        }
    }

    fn sees(&self, user: usize, role: Role, index: usize) -> bool {
        let retailer = &self.retailers[index];
        match role {
            Role::National => true,
            Role::Region(region) => self.areas[self.area_of(retailer)].1 == region,
            Role::Area(area) => self.area_of(retailer) == area,
            Role::Leader(team) => retailer.reps.iter().any(|rep| self.users[*rep].team == Some(team)),
            Role::Rep => retailer.reps.contains(&user),
            Role::Distributor(distributor) => retailer.distributor == distributor,
            Role::Retailer(retailer) => retailer == index,
        }
    }

    /// The retailers that a user sees, by index.
    pub(crate) fn retailers_of(&self, user: usize) -> BTreeSet<usize> {
        let seen = |index: &usize| self.users[user].roles.iter().any(|role| self.sees(user, *role, *index));
        (0..self.retailers.len()).filter(seen).collect()
    }

    /// The users that a user sees, by index.
    pub(crate) fn users_of(&self, caller: usize) -> BTreeSet<usize> {
        let covers = |role: Role, other: usize| match role {
            Role::National => true,
            Role::Rep | Role::Retailer(_) => other == caller,
            Role::Distributor(_) => self.users[other].roles.contains(&role),
            Role::Region(_) | Role::Area(_) | Role::Leader(_) => {
                self.users[other].team.is_some_and(|team| self.covers_team(role, team))
            }
        };
        let seen = |other: &usize| self.users[caller].roles.iter().any(|role| covers(*role, *other));
        (0..self.users.len()).filter(seen).collect()
    }

    /// Returns `true` if the user has a role of staff other than sales rep.
    pub(crate) fn is_staff(&self, user: usize) -> bool {
        self.users[user]
            .roles
            .iter()
            .any(|role| matches!(role, Role::National | Role::Region(_) | Role::Area(_) | Role::Leader(_)))
    }

    /// Returns `true` if the user works for a distributor or a retailer.
    pub(crate) fn is_outside(&self, user: usize) -> bool {
        self.users[user].roles.iter().any(|role| matches!(role, Role::Distributor(_) | Role::Retailer(_)))
    }

    pub(crate) fn reps(&self) -> Vec<usize> {
        (0..self.users.len()).filter(|user| self.users[*user].roles.contains(&Role::Rep)).collect()
    }

    /// A grant as the API takes it.
    pub(crate) fn grant(&self, role: Role) -> Value {
        match role {
            Role::National => json!("national_manager"),
            Role::Region(region) => json!({"role": "regional_manager", "regions": [self.regions[region]]}),
            Role::Area(area) => json!({"role": "area_manager", "areas": [self.areas[area].0]}),
            Role::Leader(team) => json!({"role": "team_leader", "teams": [self.teams[team].0]}),
            Role::Rep => json!("sales_rep"),
            Role::Distributor(distributor) => {
                json!({"role": "distributor_user", "distributors": [self.distributors[distributor]]})
            }
            Role::Retailer(retailer) => {
                json!({"role": "retailer_user", "retailers": [self.retailers[retailer].uid]})
            }
        }
    }

    /// Up to six random grants of one kind, at least one.
    pub(crate) fn random_roles(&self, dice: &mut Dice) -> BTreeSet<Role> {
        let kind = dice.roll(9);
        let one = |dice: &mut Dice| match kind {
            0 => Role::National,
            1..=3 if dice.one_in(3) => Role::Region(dice.roll(self.regions.len())),
            1..=3 => Role::Area(dice.roll(self.areas.len())),
            4..=6 if dice.one_in(5) => Role::Rep,
            4..=6 => Role::Leader(dice.roll(self.teams.len())),
            7 => Role::Distributor(dice.roll(self.distributors.len())),
            _ => Role::Retailer(dice.roll(self.retailers.len())),
        };
        (0..=dice.roll(6)).map(|_| one(dice)).collect()
    }
}

/// The company in a database, and its model.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) model: Model,
    /// Processes that serve the same database.
    pub(crate) servers: Vec<Server>,
    /// The process that the administrator uses, by index.
    pub(crate) process: usize,
    pub(crate) database: TestDatabase,
    pub(crate) tenant: i64,
    admin: String,
}

impl World {
    /// Creates a random company, with as many users as `callers` and their random grants besides eight sales reps, and starts
    /// processes.
    pub(crate) async fn new(seed: u64, callers: usize, processes: usize) -> Self {
        let database = TestDatabase::new().await;
        let owner = database.owner().await;
        let mut dice = Dice::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed));
        let tenant =
            id(&owner, "INSERT INTO tenants (slug, name) VALUES ($1, $1) RETURNING id", &[&COMPANY]).await;
        let insert = "INSERT INTO users (tenant_id, username, name, password_hash, role) \
                      VALUES ($1, 'admin', 'Admin', $2, 'admin') RETURNING id";
        id(&owner, insert, &[&tenant, &PASSWORD_HASH]).await;
        let model = random_map(&owner, tenant, &mut dice).await;
        let start = |_| Server::start(&database.app_url(), &[("HAAT_ACTIVITY_SECONDS", "1")]);
        let servers: Vec<Server> = (0..processes).map(start).collect();
        let admin = servers[0].token(COMPANY, "admin").await;
        let mut world = Self { dice, model, servers, process: 0, database, tenant, admin };
        world.add_teams(4).await;
        for number in 1..=8 {
            world.add_user(&format!("rep{number}"), BTreeSet::from([Role::Rep])).await;
        }
        world.assign_reps().await;
        for number in 1..=callers {
            let roles = world.model.random_roles(&mut world.dice);
            world.add_user(&format!("user{number}"), roles).await;
        }
        // The users log in with the password of the fixture.
        let update = "UPDATE users SET password_hash = $2, must_change_password = FALSE WHERE tenant_id = $1";
        owner.execute(update, &[&tenant, &PASSWORD_HASH]).await.unwrap();
        world
    }

    /// Sends a request as the administrator, which must succeed, and returns the body.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: &Value) -> Value {
        let server = &self.servers[self.process];
        let request = server.request(method.clone(), path).bearer_auth(&self.admin).json(body);
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{method} {path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn add_teams(&mut self, count: usize) {
        for number in 1..=count {
            let home = (!self.dice.one_in(4)).then(|| self.dice.roll(self.model.areas.len()));
            let area = home.map(|area| self.model.areas[area].0);
            let body = json!({"name": format!("Team {number}"), "area": area});
            let team = self.admin(Method::POST, "/teams", &body).await;
            self.model.teams.push((team["id"].as_i64().unwrap(), home));
        }
    }

    /// Adds a user, who may join a team if they are staff.
    async fn add_user(&mut self, username: &str, roles: BTreeSet<Role>) {
        let grants: Vec<Value> = roles.iter().map(|role| self.model.grant(*role)).collect();
        let body = json!({"username": username, "name": format!("Name of {username}"), "roles": grants});
        let user = self.admin(Method::POST, "/users", &body).await;
        let id = user["id"].as_i64().unwrap();
        self.model.users.push(User { id, username: username.to_owned(), roles, team: None });
        let index = self.model.users.len() - 1;
        if !self.model.is_outside(index) && self.dice.roll(4) > 0 {
            let team = self.dice.roll(self.model.teams.len());
            self.join(index, Some(team)).await;
        }
    }

    /// Moves a user to a team, or out of the present one.
    pub(crate) async fn join(&mut self, user: usize, team: Option<usize>) {
        let id = self.model.users[user].id;
        match (team, self.model.users[user].team) {
            (Some(team), _) => {
                let path = format!("/teams/{}/members", self.model.teams[team].0);
                self.admin(Method::POST, &path, &json!({"users": [id], "move": true})).await;
            }
            (None, Some(present)) => {
                let path = format!("/teams/{}/members/{id}", self.model.teams[present].0);
                self.admin(Method::DELETE, &path, &json!({})).await;
            }
            (None, None) => {}
        }
        self.model.users[user].team = team;
    }

    /// Assigns each retailer to up to three sales reps.
    async fn assign_reps(&mut self) {
        let reps = self.model.reps();
        for retailer in &mut self.model.retailers {
            retailer.reps = self.dice.up_to(3, reps.len()).into_iter().map(|rep| reps[rep]).collect();
        }
        let groups: Vec<Value> = reps
            .iter()
            .map(|rep| {
                let served = self.model.retailers.iter().filter(|retailer| retailer.reps.contains(rep));
                let uids: Vec<&str> = served.map(|retailer| retailer.uid.as_str()).collect();
                json!({"salesRep": self.model.users[*rep].id, "retailers": uids})
            })
            .filter(|group| group["retailers"] != json!([]))
            .collect();
        let body = json!({"assignments": groups});
        self.admin(Method::POST, "/admin/assignments/bulk", &body).await;
    }

    /// Returns an access token of a user.
    pub(crate) async fn token(&self, user: usize) -> String {
        self.servers[0].token(COMPANY, &self.model.users[user].username).await
    }

    /// The names of retailers, in the order of a list by uid.
    pub(crate) fn uids<'a>(&'a self, retailers: impl IntoIterator<Item = &'a usize>) -> Vec<String> {
        let mut uids: Vec<String> =
            retailers.into_iter().map(|retailer| self.model.retailers[*retailer].uid.clone()).collect();
        uids.sort_unstable();
        uids
    }
}

/// Adds regions, areas, territories, distributors and retailers.
async fn random_map(owner: &Client, tenant: i64, dice: &mut Dice) -> Model {
    let mut model = Model::default();
    for region in ["Dhaka", "Khulna", "Sylhet"] {
        let insert = "INSERT INTO regions (tenant_id, name) VALUES ($1, $2) RETURNING id";
        model.regions.push(id(owner, insert, &[&tenant, &region]).await);
    }
    for number in 0..5 {
        let region = dice.roll(3);
        let insert = "INSERT INTO areas (tenant_id, name, region_id) VALUES ($1, $2, $3) RETURNING id";
        let area = id(owner, insert, &[&tenant, &format!("Area {number}"), &model.regions[region]]).await;
        model.areas.push((area, region));
    }
    for number in 0..8 {
        let area = dice.roll(5);
        let insert = "INSERT INTO territories (tenant_id, name, area_id) VALUES ($1, $2, $3) RETURNING id";
        let name = format!("Territory {number}");
        model.territories.push((id(owner, insert, &[&tenant, &name, &model.areas[area].0]).await, area));
    }
    for distributor in ["Rahman Traders", "Karim Traders", "Hasan Brothers"] {
        let insert = "INSERT INTO distributors (tenant_id, name) VALUES ($1, $2) RETURNING id";
        model.distributors.push(id(owner, insert, &[&tenant, &distributor]).await);
    }
    for number in 0..40 {
        let (territory, distributor) = (dice.roll(8), dice.roll(3));
        let (uid, name) = (format!("RTL-{number:04}"), NAMES[dice.roll(NAMES.len())]);
        let (place, area) = model.territories[territory];
        let (area, region) = model.areas[area];
        let key = search_key(name, &RetailerUid::parse(&uid).unwrap(), None);
        let insert = "INSERT INTO retailers \
                      (tenant_id, uid, name, region_id, area_id, territory_id, distributor_id, points, search_key) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
        let points = i32::try_from(dice.roll(100)).unwrap();
        let distributor_id = model.distributors[distributor];
        let region = model.regions[region];
        id(owner, insert, &[&tenant, &uid, &name, &region, &area, &place, &distributor_id, &points, &key])
            .await;
        model.retailers.push(Retailer { uid, name, territory, distributor, reps: BTreeSet::new() });
    }
    model
}

async fn id(owner: &Client, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> i64 {
    owner.query_one(statement, parameters).await.unwrap().get(0)
}
