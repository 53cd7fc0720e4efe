//! Teams and their members.

use chrono::{DateTime, TimeDelta, Utc};
use haat_domain::auth::Grants;
use haat_domain::people::{PersonQuery, PersonReader};
use haat_domain::shared::{
    AreaId, BeginTransaction, Limit, NameKey, PageRequest, Role, SearchText, Targets, TeamId, TenantId,
    UserId,
};
use haat_domain::team::{NewTeam, RosterReader, Team, TeamName, TeamQuery, TeamReader, TeamState, TeamTx};
use haat_persistence_org::OrgDatabase;
use haat_test_support::{Client, Company, Fixture, TestDatabase, assert_by_index, seeded};

use crate::org;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

async fn begin(db: &OrgDatabase) -> Box<dyn TeamTx> {
    BeginTransaction::<dyn TeamTx>::begin(db).await.unwrap()
}

/// Adds a team with a home area; returns the id, or `None` if the name is taken.
async fn add(db: &OrgDatabase, tenant: TenantId, name: &str, area: Option<AreaId>) -> Option<TeamId> {
    let mut tx = begin(db).await;
    let team = NewTeam { name: TeamName::parse(name).unwrap(), area, created_at: noon() };
    let id = tx.teams().insert(tenant, &team).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Places users in a team at noon plus some seconds.
async fn place(db: &OrgDatabase, tenant: TenantId, users: &[UserId], team: Option<TeamId>, seconds: i64) {
    let mut tx = begin(db).await;
    tx.teams().lock_members(tenant, users).await.unwrap();
    let at = noon() + TimeDelta::seconds(seconds);
    tx.teams().place(tenant, users, team, UserId::new(1), at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn area(owner: &Client, company: &Company) -> AreaId {
    let area = "SELECT min(id) FROM areas WHERE tenant_id = $1";
    AreaId::new(owner.query_one(area, &[&company.tenant]).await.unwrap().get(0))
}

/// The spans of past memberships of a user, as team and the seconds from and until after noon.
async fn history(owner: &Client, user: UserId) -> Vec<(i64, i64, i64)> {
    let spans =
        "SELECT team_id, lower(valid), upper(valid) FROM team_history WHERE user_id = $1 ORDER BY valid";
    let rows = owner.query(spans, &[&user.get()]).await.unwrap();
    let seconds = |at: DateTime<Utc>| (at - noon()).num_seconds();
    rows.iter().map(|row| (row.get(0), seconds(row.get(1)), seconds(row.get(2)))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn places_users_in_one_team_and_keeps_the_history() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, owner) = (org(&database), database.owner().await);
    let tenant = TenantId::new(ours.tenant);
    let (rep, other) = (UserId::new(ours.rep.id), UserId::new(ours.other_rep.id));
    let home = area(&owner, &ours).await;
    let north = add(&db, tenant, "North", Some(home)).await.unwrap();
    let south = add(&db, tenant, "South", None).await.unwrap();
    assert_eq!(add(&db, tenant, " NORTH", None).await, None, "the name is taken");
    place(&db, tenant, &[rep, other], Some(north), 10).await;
    assert_eq!(db.members_of(tenant, &[north, south]).await.unwrap().len(), 2);
    let state = async |team: TeamId| {
        TeamReader::find(&db, tenant, &Targets::everything(), team).await.unwrap().unwrap()
    };
    assert_eq!((state(north).await.members, state(north).await.version), (2, 2));
    place(&db, tenant, &[rep], Some(south), 20).await;
    assert_eq!(db.members_of(tenant, &[north]).await.unwrap(), [other]);
    assert_eq!(db.members_of(tenant, &[south]).await.unwrap(), [rep]);
    assert_eq!((state(north).await.version, state(south).await.version), (3, 2), "both teams changed");
    assert_eq!(history(&owner, rep).await, [(north.get(), 10, 20)]);
    place(&db, tenant, &[rep], None, 30).await;
    assert_eq!(db.members_of(tenant, &[south]).await.unwrap(), []);
    // A server whose clock is slow: the new membership begins when the last one ended.
    place(&db, tenant, &[rep], Some(north), 5).await;
    place(&db, tenant, &[rep], Some(south), 5).await;
    let spans = history(&owner, rep).await;
    assert_eq!(spans, [(north.get(), 10, 20), (south.get(), 20, 30), (north.get(), 30, 30)]);
    let candidates = {
        let mut tx = begin(&db).await;
        let users = [rep, other, UserId::new(ours.admin.id), UserId::new(theirs.rep.id), UserId::new(-1)];
        tx.teams().candidates(tenant, &users).await.unwrap()
    };
    let mut teams: Vec<_> =
        candidates.iter().map(|user| (user.username.as_str(), user.present_team())).collect();
    teams.sort_unstable();
    assert_eq!(teams, [("admin", None), ("sr00001", Some(south)), ("sr00002", Some(north))]);
    let homes: Vec<bool> =
        candidates.iter().map(|user| user.team.as_ref().is_some_and(|team| team.home.is_some())).collect();
    assert_eq!(homes.iter().filter(|home| **home).count(), 1, "South has no home area");
    assert_eq!(db.members_of(TenantId::new(theirs.tenant), &[north, south]).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_teams_free_their_name() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let tenant = TenantId::new(ours.tenant);
    let team = add(&db, tenant, "North", None).await.unwrap();
    let other = add(&db, tenant, "South", None).await.unwrap();
    let rename = async |id: TeamId, name: &str| {
        let mut tx = begin(&db).await;
        tx.teams().lock(tenant, &[id]).await.unwrap();
        let before = tx.teams().current(tenant, id).await.unwrap().unwrap();
        let renamed = Team { name: TeamName::parse(name).unwrap(), ..before };
        let done = tx.teams().update(tenant, &renamed, noon()).await.unwrap();
        if done {
            tx.commit().await.unwrap();
        }
        done
    };
    assert!(!rename(other, "north").await);
    let mut tx = begin(&db).await;
    tx.teams().close(tenant, team, noon()).await.unwrap();
    assert_eq!(tx.teams().current(tenant, team).await.unwrap().unwrap().state, TeamState::Closed);
    tx.commit().await.unwrap();
    assert!(rename(other, "north").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_the_teams_and_users_that_targets_cover() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, owner) = (org(&database), database.owner().await);
    let tenant = TenantId::new(ours.tenant);
    let home = area(&owner, &ours).await;
    let north = add(&db, tenant, "North", Some(home)).await.unwrap();
    let south = add(&db, tenant, "South", None).await.unwrap();
    let foreign = add(&db, TenantId::new(theirs.tenant), "North", Some(area(&owner, &theirs).await)).await;
    let (rep, other) = (UserId::new(ours.rep.id), UserId::new(ours.other_rep.id));
    place(&db, tenant, &[rep], Some(north), 0).await;
    place(&db, tenant, &[other], Some(south), 0).await;
    let leader =
        "INSERT INTO user_roles (tenant_id, user_id, role, team_id) VALUES ($1, $2, 'team_leader', $3)";
    owner.execute(leader, &[&ours.tenant, &rep.get(), &south.get()]).await.unwrap();
    let none = Targets::default;
    let region = "SELECT region_id FROM areas WHERE id = $1";
    let region: i64 = owner.query_one(region, &[&home.get()]).await.unwrap().get(0);
    let cases = [
        (Targets::everything(), vec![north, south], 3),
        (Targets { regions: vec![region.into()], ..none() }, vec![north], 1),
        (Targets { areas: vec![home], ..none() }, vec![north], 1),
        (Targets { areas: vec![AreaId::new(-1)], ..none() }, vec![], 0),
        (Targets { teams: vec![south], ..none() }, vec![south], 1),
        (Targets { own: Some(rep), ..none() }, vec![north], 1),
        (Targets { own: Some(rep), teams: vec![south], ..none() }, vec![north, south], 2),
        (Targets { teams: foreign.into_iter().collect(), ..none() }, vec![], 0),
        (none(), vec![], 0),
    ];
    let ids = async |targets: &Targets, query: &TeamQuery| -> Vec<TeamId> {
        let page = TeamReader::list(&db, tenant, targets, query, &PageRequest::default()).await.unwrap();
        page.rows.iter().map(|team| team.id).collect()
    };
    let first = PageRequest::default();
    let (everyone, reps) = (PersonQuery::all(None), PersonQuery::all(Some(Role::SalesRep)));
    for (targets, teams, users) in &cases {
        assert_eq!(ids(targets, &TeamQuery::default()).await, *teams, "{targets:?}");
        let found = PersonReader::list(&db, tenant, targets, &everyone, &first).await.unwrap();
        assert_eq!(found.rows.len(), *users, "{targets:?}");
        for team in [north, south] {
            let found = TeamReader::find(&db, tenant, targets, team).await.unwrap();
            assert_eq!(found.is_some(), teams.contains(&team), "{targets:?} {team}");
        }
        if !targets.all {
            assert_eq!(db.covered(tenant, targets).await.unwrap().len(), *users, "{targets:?}");
        }
        let listed = PersonReader::list(&db, tenant, targets, &reps, &first).await.unwrap();
        for user in [rep, other] {
            let found = PersonReader::find(&db, tenant, targets, Some(Role::SalesRep), user).await.unwrap();
            let is_listed = listed.rows.iter().any(|person| person.user.id == user);
            assert_eq!(found.is_some(), is_listed, "{targets:?} {user}");
        }
    }
    let all = Targets::everything();
    let query = TeamQuery::default;
    for (filter, expected) in [
        (TeamQuery { search: SearchText::parse("SOU").ok(), ..query() }, vec![south]),
        (TeamQuery { area: Some(home), ..query() }, vec![north]),
        (TeamQuery { region: Some(region.into()), ..query() }, vec![north]),
        (TeamQuery { leader: Some(rep), ..query() }, vec![south]),
        (TeamQuery { leaderless: Some(true), ..query() }, vec![north]),
        (TeamQuery { leaderless: Some(false), ..query() }, vec![south]),
        (TeamQuery { state: Some(TeamState::Closed), ..query() }, vec![]),
        (TeamQuery { state: Some(TeamState::Active), ..query() }, vec![north, south]),
    ] {
        assert_eq!(ids(&all, &filter).await, expected, "{filter:?}");
    }
    let first = PageRequest::first(Limit::ONE);
    let page = TeamReader::list(&db, tenant, &all, &query(), &first).await.unwrap();
    assert_eq!(page.next, Some(NameKey { name: "North".into(), id: north }));
    let next = PageRequest { after: page.next, ..first };
    let page = TeamReader::list(&db, tenant, &all, &query(), &next).await.unwrap();
    assert_eq!((page.rows[0].id, page.next), (south, None));
    let leaders: Vec<&str> = page.rows[0].leaders.iter().map(|leader| leader.username.as_str()).collect();
    assert_eq!(leaders, ["sr00001"]);
    let mut tx = begin(&db).await;
    let held = tx.grants().lock_users(tenant, &[other, rep, UserId::new(-1)]).await.unwrap();
    let held: Vec<_> = held.into_iter().map(|(user, grants)| (user, grants.iter().count())).collect();
    assert_eq!(held.len(), 2);
    assert!(held.contains(&(rep, 2)) && held.contains(&(other, Grants::Role(Role::SalesRep).iter().count())));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_paged_by_name() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let tenant = TenantId::new(ours.tenant);
    let team = add(&db, tenant, "North", None).await.unwrap();
    let users = [ours.rep.id, ours.other_rep.id, ours.admin.id].map(UserId::new);
    place(&db, tenant, &users, Some(team), 0).await;
    let mut seen = Vec::new();
    let mut page = PageRequest::first(Limit::ONE);
    loop {
        let found = TeamReader::members(&db, tenant, team, &page).await.unwrap();
        seen.extend(found.rows.into_iter().map(|member| member.user.id));
        match found.next {
            None => break,
            after => page.after = after,
        }
    }
    seen.sort_unstable();
    let mut expected = users.to_vec();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn teams_are_read_by_index() {
    let (database, rep) = seeded().await;
    let db = org(&database);
    let owner = database.owner().await;
    let fill = "DELETE FROM team_members; INSERT INTO teams (tenant_id, name, name_key) SELECT 1, 'Team ' || n, 'team ' || n FROM generate_series(1, 2000) AS n; \
                INSERT INTO team_members (tenant_id, user_id, team_id, joined_at) \
                SELECT tenant_id, id, 1 + id % 2000, now() FROM users WHERE tenant_id = 1; \
                ANALYZE teams; ANALYZE team_members;";
    owner.batch_execute(fill).await.unwrap();
    let targets = [Targets::everything(), Targets { teams: vec![TeamId::new(7)], ..Targets::default() }];
    for targets in targets {
        let page = PageRequest {
            after: Some(NameKey { name: "Team 5".into(), id: TeamId::new(1) }),
            ..PageRequest::default()
        };
        let plan =
            db.explain_team_list(TenantId::new(1), &targets, &TeamQuery::default(), &page).await.unwrap();
        assert!(!plan.contains("Seq Scan on users") && !plan.contains("Seq Scan on team_members"), "{plan}");
        assert!(plan.contains("teams_list_idx") || !targets.all, "{plan}");
    }
    let led = Targets { teams: vec![TeamId::new(7)], own: Some(rep), ..Targets::default() };
    let query = PersonQuery::all(None);
    let plan = db.explain_people_list(TenantId::new(1), &led, &query, &PageRequest::default()).await.unwrap();
    assert_by_index(&plan);
}
