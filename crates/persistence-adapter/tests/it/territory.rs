//! Changes of the map, including concurrent changes of retailers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use haat_domain::shared::{BeginTransaction, PageRequest, StorageFailure, TenantId};
use haat_domain::territory::{
    AliasFilter, AliasedKind, NamedRef, NewPlace, NewPlaceAlias, Place, PlaceAlias, PlaceChange, PlaceKind,
    PlaceName, PlaceReferences, SalesMapReader, TerritoryTx,
};
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Fixture, TestDatabase};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

struct World {
    database: TestDatabase,
    fixture: Fixture,
    db: PgDatabase,
    owner: Client,
    /// A connection of the server's role, which sees the waits of other sessions of that role.
    watcher: Client,
    tenant: TenantId,
    region: i64,
    area: i64,
    territory: i64,
    /// Another region, with an area in it.
    to: (i64, i64),
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000, 0).unwrap()
}

impl World {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let fixture = Fixture::new(&database).await;
        let (db, owner, watcher) = (database.adapter(), database.owner().await, database.app().await);
        let tenant = TenantId::new(fixture.ours.tenant);
        let id = async |statement: &str| {
            let statement = statement.replace("$1", &tenant.to_string());
            owner.query_one(&statement, &[]).await.unwrap().get::<_, i64>(0)
        };
        let region = id("SELECT id FROM regions WHERE tenant_id = $1").await;
        let area = id("SELECT id FROM areas WHERE tenant_id = $1").await;
        let territory = id("SELECT id FROM territories WHERE tenant_id = $1").await;
        let to_region = id("INSERT INTO regions (tenant_id, name) VALUES ($1, 'Khulna') RETURNING id").await;
        let to_area = id(&format!(
            "INSERT INTO areas (tenant_id, name, region_id) VALUES ($1, 'Mongla', {to_region}) RETURNING id"
        ))
        .await;
        Self {
            database,
            fixture,
            db,
            owner,
            watcher,
            tenant,
            region,
            area,
            territory,
            to: (to_region, to_area),
        }
    }

    async fn begin(&self) -> Box<dyn TerritoryTx> {
        let mut tx = BeginTransaction::<dyn TerritoryTx>::begin(&self.db).await.unwrap();
        tx.places().lock_map(self.tenant).await.unwrap();
        tx
    }

    /// Moves a place without committing and returns the number of retailers moved with it.
    async fn relocate(&self, tx: &mut dyn TerritoryTx, kind: PlaceKind, id: i64, to: i64) -> i64 {
        let places = tx.places();
        let before = places.lock(self.tenant, kind, id).await.unwrap().unwrap().place;
        let ancestors = places.ancestors(self.tenant, kind, to).await.unwrap().unwrap();
        let mut after = PlaceChange { parent: Some(to), ..PlaceChange::default() }.of(&before);
        after.version += 1;
        places.relocate(self.tenant, kind, &after, &ancestors, now()).await.unwrap()
    }

    /// Returns a statement that inserts a retailer into the fixture's places.
    fn retailer(&self) -> String {
        format!(
            "INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
             VALUES ({}, 'NEW-1', 'New', {}, {}, {}, 'new\nnew-1\n')",
            self.tenant, self.region, self.area, self.territory
        )
    }

    /// Counts retailers whose places contradict each other.
    async fn contradictions(&self) -> i64 {
        let statement = "SELECT count(*) FROM retailers AS r \
                     LEFT JOIN territories AS t ON (t.tenant_id, t.id, t.area_id) = (r.tenant_id, r.territory_id, r.area_id) \
                     LEFT JOIN areas AS a ON (a.tenant_id, a.id, a.region_id) = (r.tenant_id, r.area_id, r.region_id) \
                     WHERE t.id IS NULL OR a.id IS NULL";
        self.owner.query_one(statement, &[]).await.unwrap().get(0)
    }

    /// Waits until a session waits for a lock.
    async fn wait_for_lock(&self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..1_000 {
            if self.watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no session waits for a lock");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_and_locked_places_agree() {
    let world = World::new().await;
    world.owner.batch_execute("UPDATE distributors SET name_bn = 'রহমান ট্রেডার্স', version = 7").await.unwrap();
    let map = SalesMapReader::read(&world.db, world.tenant).await.unwrap();
    let found = map.find(PlaceKind::Territory, world.territory).unwrap();
    assert_eq!(found.place.parent, Some(world.area));
    assert_eq!(found.ancestors.region.map(|region| region.id), Some(world.region));
    let found = map.distributors.called("রহমান ট্রেডার্স");
    assert_eq!(map.distributors.get(found[0]).unwrap().version, 7);
    let mut tx = world.begin().await;
    for (kind, id) in [
        (PlaceKind::Region, world.region),
        (PlaceKind::Area, world.area),
        (PlaceKind::Territory, world.territory),
        (PlaceKind::Distributor, found[0].get()),
    ] {
        let locked = tx.places().lock(world.tenant, kind, id).await.unwrap();
        assert_eq!(locked, map.find(kind, id), "the map and the locked row agree");
        let theirs = TenantId::new(world.fixture.theirs.tenant);
        assert_eq!(tx.places().lock(theirs, kind, id).await.unwrap(), None);
        let found = map.find(kind, id).unwrap();
        if let Some(parent) = found.place.parent {
            assert_eq!(
                tx.places().ancestors(world.tenant, kind, parent).await.unwrap(),
                Some(found.ancestors)
            );
            assert_eq!(tx.places().ancestors(theirs, kind, parent).await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn adds_renames_and_removes_a_place() {
    let world = World::new().await;
    for (kind, parent) in [
        (PlaceKind::Region, None),
        (PlaceKind::Area, Some(world.region)),
        (PlaceKind::Territory, Some(world.area)),
        (PlaceKind::Distributor, None),
    ] {
        let mut tx = world.begin().await;
        let name = PlaceName::parse("Sylhet").unwrap();
        let new = NewPlace { tenant: world.tenant, kind, name, name_bn: None, parent };
        let id = tx.places().add(&new).await.unwrap();
        let names = tx.places().names_under(world.tenant, kind, parent).await.unwrap();
        assert!(names.has(id, "SYLHET "), "{kind:?}");
        let other_parent = Some(world.to.0 + world.to.1 + 100);
        let names = tx.places().names_under(world.tenant, kind, other_parent).await.unwrap();
        assert_eq!(names.has(id, "Sylhet"), parent.is_none(), "{kind:?}");
        let theirs = TenantId::new(world.fixture.theirs.tenant);
        assert!(!tx.places().names_under(theirs, kind, parent).await.unwrap().has_other_than(None, "Sylhet"));
        let mut place = tx.places().lock(world.tenant, kind, id).await.unwrap().unwrap().place;
        (place.name, place.version) = ("Srihatta".into(), 2);
        tx.places().rename(world.tenant, kind, &place).await.unwrap();
        let renamed = tx.places().lock(world.tenant, kind, id).await.unwrap().unwrap();
        assert_eq!(renamed.place, place);
        assert!(tx.places().references(world.tenant, kind, id).await.unwrap().is_none());
        tx.places().remove(world.tenant, kind, id).await.unwrap();
        assert_eq!(tx.places().lock(world.tenant, kind, id).await.unwrap(), None);
        tx.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn adds_finds_and_removes_an_alias() {
    let world = World::new().await;
    let theirs = TenantId::new(world.fixture.theirs.tenant);
    for (kind, place, parent) in [
        ("region", world.region, None),
        ("area", world.area, Some(world.region)),
        ("territory", world.territory, Some(world.area)),
    ] {
        let kind = AliasedKind::parse(kind).unwrap();
        let mut tx = world.begin().await;
        let places = tx.places();
        let alias = PlaceName::parse("Dacca").unwrap();
        let id = places.add_alias(&NewPlaceAlias { tenant: world.tenant, kind, place, alias }).await.unwrap();
        let names = places.names_under(world.tenant, kind.get(), parent).await.unwrap();
        assert!(names.has(place, "dacca") && !names.has_other_than(Some(place), "dacca"));
        let names = places.names_under(theirs, kind.get(), parent).await.unwrap();
        assert!(!names.has_other_than(None, "Dacca"));
        for other in PlaceKind::ALL.into_iter().filter(|other| *other != kind.get()) {
            let names = places.names_under(world.tenant, other, parent).await.unwrap();
            assert!(!names.has_other_than(None, "Dacca"), "{other:?}");
        }
        tx.commit().await.unwrap();
        let map = SalesMapReader::read(&world.db, world.tenant).await.unwrap();
        let aliases = map.aliases(&AliasFilter::default(), &PageRequest::default()).rows;
        let name = map.find(kind.get(), place).unwrap().place.name;
        let expected = PlaceAlias { id, kind, place: NamedRef { id: place, name }, alias: "Dacca".into() };
        assert_eq!(aliases, std::slice::from_ref(&expected));

        let mut tx = world.begin().await;
        assert_eq!(tx.places().remove_alias(theirs, id).await.unwrap(), None);
        assert_eq!(tx.places().remove_alias(world.tenant, id).await.unwrap(), Some(expected));
        assert_eq!(tx.places().remove_alias(world.tenant, id).await.unwrap(), None);
        tx.commit().await.unwrap();
        // The change feed invalidates the map twice.
        let statement =
            "SELECT count(*) FROM changes WHERE tenant_id = $1 AND entity = $2 AND entity_id = $3";
        let count = world
            .owner
            .query_one(statement, &[&world.tenant.get(), &kind.get().as_str(), &place])
            .await
            .unwrap();
        assert_eq!(count.get::<_, i64>(0), 2, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn references_count_deleted_retailers_separately() {
    let world = World::new().await;
    world
        .owner
        .batch_execute("UPDATE retailers SET deleted_at = now() WHERE uid = 'RTL-0006'")
        .await
        .unwrap();
    let team = "INSERT INTO teams (tenant_id, name, name_key, area_id) VALUES ($1, 'North', 'north', $2)";
    world.owner.execute(team, &[&world.tenant.get(), &world.area]).await.unwrap();
    let grant = "INSERT INTO user_roles (tenant_id, user_id, role, region_id) \
                  SELECT $1, id, 'regional_manager', $2 FROM users WHERE tenant_id = $1 AND username = 'admin'";
    world.owner.execute(grant, &[&world.tenant.get(), &world.region]).await.unwrap();
    let mut tx = world.begin().await;
    let retailers = PlaceReferences { retailers: 5, deleted_retailers: 1, ..PlaceReferences::default() };
    for (kind, id, references) in [
        (
            PlaceKind::Region,
            world.region,
            PlaceReferences { areas: Some(1), territories: Some(1), roles: Some(1), ..retailers },
        ),
        (
            PlaceKind::Area,
            world.area,
            PlaceReferences { territories: Some(1), teams: Some(1), roles: Some(0), ..retailers },
        ),
        (PlaceKind::Territory, world.territory, retailers),
        (
            PlaceKind::Region,
            world.to.0,
            PlaceReferences {
                areas: Some(1),
                territories: Some(0),
                roles: Some(0),
                ..PlaceReferences::default()
            },
        ),
    ] {
        assert_eq!(tx.places().references(world.tenant, kind, id).await.unwrap(), references, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_atomic() {
    let world = World::new().await;
    let places = "SELECT region_id, area_id, territory_id, version, min(updated_at) FROM retailers \
                  WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4";
    let tenant = world.tenant.get();
    let mut tx = world.begin().await;
    assert_eq!(world.relocate(&mut *tx, PlaceKind::Territory, world.territory, world.to.1).await, 6);
    tx.roll_back().await;
    let row = world.owner.query_one(places, &[&tenant]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(3)), (world.region, 1));
    let mut tx = world.begin().await;
    assert_eq!(world.relocate(&mut *tx, PlaceKind::Territory, world.territory, world.to.1).await, 6);
    tx.commit().await.unwrap();
    let row = world.owner.query_one(places, &[&tenant]).await.unwrap();
    let ids: Vec<i64> = (0..4).map(|column| row.get(column)).collect();
    assert_eq!(ids, [world.to.0, world.to.1, world.territory, 2]);
    assert_eq!(row.get::<_, DateTime<Utc>>(4), now());
    // A move that leaves its retailers behind violates a constraint at the commit.
    let mut tx = world.begin().await;
    let found = tx.places().lock(world.tenant, PlaceKind::Area, world.to.1).await.unwrap().unwrap();
    let moved = Place { parent: Some(world.region), ..found.place };
    let carried = tx.places().relocate(world.tenant, PlaceKind::Area, &moved, &found.ancestors, now()).await;
    assert_eq!(carried, Ok(6));
    assert!(matches!(tx.commit().await, Err(StorageFailure::Broken(_))));
    assert_eq!(world.contradictions().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retailer_added_during_a_move_is_moved_or_rejected() {
    for kind in [PlaceKind::Area, PlaceKind::Territory] {
        let world = World::new().await;
        let (id, to) = match kind {
            PlaceKind::Area => (world.area, world.to.0),
            _ => (world.territory, world.to.1),
        };
        // Inserted before the move, committed while the move waits.
        let adding = world.database.app().await;
        adding.batch_execute(&format!("BEGIN; {}", world.retailer())).await.unwrap();
        let moving = async {
            let mut tx = world.begin().await;
            let carried = world.relocate(&mut *tx, kind, id, to).await;
            tx.commit().await.unwrap();
            carried
        };
        let committing = async {
            world.wait_for_lock().await;
            adding.batch_execute("COMMIT").await.unwrap();
        };
        let (carried, ()) = tokio::join!(moving, committing);
        assert_eq!(carried, 7, "{kind:?}");
        assert_eq!(world.contradictions().await, 0);
        // Inserted after the move has started: waits, then fails because its places no longer match.
        let mut tx = world.begin().await;
        let back = if kind == PlaceKind::Area { world.region } else { world.area };
        assert_eq!(world.relocate(&mut *tx, kind, id, back).await, 7);
        let retailer = world.retailer().replace("NEW-1", "NEW-2");
        let (area, region) =
            if kind == PlaceKind::Area { (world.area, world.to.0) } else { (world.to.1, world.to.0) };
        let values = format!("{}, {}, {}", world.region, world.area, world.territory);
        let retailer = retailer.replace(&values, &format!("{region}, {area}, {}", world.territory));
        let adding = adding.batch_execute(&retailer);
        let committing = async {
            world.wait_for_lock().await;
            tx.commit().await.unwrap();
        };
        let (added, ()) = tokio::join!(adding, committing);
        assert_eq!(added.unwrap_err().code(), Some(&SqlState::FOREIGN_KEY_VIOLATION), "{kind:?}");
        assert_eq!(world.contradictions().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retailer_added_during_a_removal_keeps_its_place_or_is_rejected() {
    let world = World::new().await;
    world.owner.batch_execute("DELETE FROM sales_rep_retailers; DELETE FROM retailers").await.unwrap();
    let (tenant, kind, id) = (world.tenant, PlaceKind::Territory, world.territory);
    let adding = world.database.app().await;
    adding.batch_execute(&format!("BEGIN; {}", world.retailer())).await.unwrap();
    let counting = async {
        let mut tx = world.begin().await;
        tx.places().lock(tenant, kind, id).await.unwrap().unwrap();
        let references = tx.places().references(tenant, kind, id).await.unwrap();
        tx.roll_back().await;
        references
    };
    let committing = async {
        world.wait_for_lock().await;
        adding.batch_execute("COMMIT").await.unwrap();
    };
    let (references, ()) = tokio::join!(counting, committing);
    assert_eq!(references.retailers, 1, "the retailer added during the wait is counted");
    world.owner.batch_execute("DELETE FROM retailers").await.unwrap();
    let mut tx = world.begin().await;
    tx.places().lock(tenant, kind, id).await.unwrap().unwrap();
    assert!(tx.places().references(tenant, kind, id).await.unwrap().is_none());
    let retailer = world.retailer();
    let adding = adding.batch_execute(&retailer);
    let removing = async {
        world.wait_for_lock().await;
        tx.places().remove(tenant, kind, id).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (added, ()) = tokio::join!(adding, removing);
    assert_eq!(added.unwrap_err().code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sales_rep_assigned_during_a_move_gets_a_feed_entry() {
    let world = World::new().await;
    let assigning = world.database.app().await;
    // An assignment locks the retailer, then inserts the row.
    let (rep, retailer) = (world.fixture.ours.other_rep.id, world.fixture.ours.retailers[0].id);
    let unassign = format!("DELETE FROM sales_rep_retailers WHERE sales_rep_id = {rep}");
    world.owner.batch_execute(&unassign).await.unwrap();
    assigning
        .batch_execute(&format!("BEGIN; SELECT id FROM retailers WHERE id = {retailer} FOR SHARE"))
        .await
        .unwrap();
    let moving = async {
        let mut tx = world.begin().await;
        world.relocate(&mut *tx, PlaceKind::Area, world.area, world.to.0).await;
        tx.commit().await.unwrap();
    };
    let assign = async {
        world.wait_for_lock().await;
        let insert = format!(
            "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
             SELECT tenant_id, {rep}, id, uid, name, now() FROM retailers WHERE id = {retailer}; COMMIT"
        );
        assigning.batch_execute(&insert).await.unwrap();
    };
    let ((), ()) = tokio::join!(moving, assign);
    let count = world
        .owner
        .query_one("SELECT count(*) FROM changes WHERE kind = 'moved' AND sales_rep_id = $1", &[&rep])
        .await
        .unwrap();
    assert_eq!(count.get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_map_are_serialized_per_tenant() {
    let world = World::new().await;
    let mut tx = world.begin().await;
    let theirs = TenantId::new(world.fixture.theirs.tenant);
    let mut other = BeginTransaction::<dyn TerritoryTx>::begin(&world.db).await.unwrap();
    other.places().lock_map(theirs).await.unwrap();
    other.roll_back().await;
    let waiting = async {
        let mut tx = world.begin().await;
        let place = tx.places().lock(world.tenant, PlaceKind::Area, world.area).await.unwrap().unwrap();
        Ok::<_, StorageFailure>(place.ancestors.region.unwrap().id)
    };
    let moving = async {
        world.relocate(&mut *tx, PlaceKind::Area, world.area, world.to.0).await;
        world.wait_for_lock().await;
        let _ = tx.audit();
        tx.commit().await.unwrap();
    };
    let (seen, ()) = tokio::join!(waiting, moving);
    assert_eq!(seen.unwrap(), world.to.0, "the result of the first change");
}
