//! The map is changed while others put shops into it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use haat_domain::shared::{Begin, PageRequest, StorageFailure, TenantId};
use haat_domain::territory::{
    AliasFilter, AliasedKind, Named, NewPlace, NewPlaceAlias, Place, PlaceAlias, PlaceChange, PlaceKind,
    PlaceName, PlaceUses, SalesMapReader, TerritoryTx,
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
    /// Of the server's own role: it sees what its fellows wait for.
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
        let mut tx = Begin::<dyn TerritoryTx>::begin(&self.db).await.unwrap();
        tx.places().lock_map(self.tenant).await.unwrap();
        tx
    }

    /// Moves a place, without a commit, and gives the number of shops that went along.
    async fn relocate(&self, tx: &mut dyn TerritoryTx, kind: PlaceKind, id: i64, to: i64) -> i64 {
        let places = tx.places();
        let before = places.lock(self.tenant, kind, id).await.unwrap().unwrap().place;
        let above = places.above(self.tenant, kind, to).await.unwrap().unwrap();
        let mut after = PlaceChange { parent: Some(to), ..PlaceChange::default() }.of(&before);
        after.version += 1;
        places.relocate(self.tenant, kind, &after, &above, now()).await.unwrap()
    }

    /// A shop in the fixture's places.
    fn shop(&self) -> String {
        format!(
            "INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
             VALUES ({}, 'NEW-1', 'New', {}, {}, {}, 'new\nnew-1\n')",
            self.tenant, self.region, self.area, self.territory
        )
    }

    async fn contradictions(&self) -> i64 {
        let wrong = "SELECT count(*) FROM retailers AS r \
                     LEFT JOIN territories AS t ON (t.tenant_id, t.id, t.area_id) = (r.tenant_id, r.territory_id, r.area_id) \
                     LEFT JOIN areas AS a ON (a.tenant_id, a.id, a.region_id) = (r.tenant_id, r.area_id, r.region_id) \
                     WHERE t.id IS NULL OR a.id IS NULL";
        self.owner.query_one(wrong, &[]).await.unwrap().get(0)
    }

    /// Until somebody waits for a lock.
    async fn somebody_waits(&self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..1_000 {
            if self.watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody waits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_knows_what_the_office_needs() {
    let world = World::new().await;
    world.owner.batch_execute("UPDATE distributors SET name_bn = 'রহমান ট্রেডার্স', version = 7").await.unwrap();
    let map = SalesMapReader::read(&world.db, world.tenant).await.unwrap();
    let found = map.find(PlaceKind::Territory, world.territory).unwrap();
    assert_eq!(found.place.parent, Some(world.area));
    assert_eq!(found.above.region.map(|region| region.id), Some(world.region));
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
        assert_eq!(locked, map.find(kind, id), "the same, seen for a change");
        let theirs = TenantId::new(world.fixture.theirs.tenant);
        assert_eq!(tx.places().lock(theirs, kind, id).await.unwrap(), None);
        let parent = map.find(kind, id).unwrap();
        if let Some(above) = parent.place.parent {
            assert_eq!(tx.places().above(world.tenant, kind, above).await.unwrap(), Some(parent.above));
            assert_eq!(tx.places().above(theirs, kind, above).await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_added_named_and_removed() {
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
        assert_eq!(tx.places().called(world.tenant, kind, parent, "Sylhet").await.unwrap(), [id]);
        let elsewhere = Some(world.to.0 + world.to.1 + 100);
        let there = tx.places().called(world.tenant, kind, elsewhere, "Sylhet").await.unwrap();
        assert_eq!(there.contains(&id), parent.is_none(), "{kind:?}");
        let theirs = TenantId::new(world.fixture.theirs.tenant);
        assert!(tx.places().called(theirs, kind, parent, "Sylhet").await.unwrap().is_empty());
        let mut place = tx.places().lock(world.tenant, kind, id).await.unwrap().unwrap().place;
        (place.name, place.version) = ("Srihatta".into(), 2);
        tx.places().rename(world.tenant, kind, &place).await.unwrap();
        let renamed = tx.places().lock(world.tenant, kind, id).await.unwrap().unwrap();
        assert_eq!(renamed.place, place);
        assert!(tx.places().uses(world.tenant, kind, id).await.unwrap().is_none());
        tx.places().remove(world.tenant, kind, id).await.unwrap();
        assert_eq!(tx.places().lock(world.tenant, kind, id).await.unwrap(), None);
        tx.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spelling_is_added_called_and_removed() {
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
        assert_eq!(places.called(world.tenant, kind.get(), parent, "Dacca").await.unwrap(), [place]);
        assert!(places.called(theirs, kind.get(), parent, "Dacca").await.unwrap().is_empty());
        for other in PlaceKind::ALL.into_iter().filter(|other| *other != kind.get()) {
            assert!(
                places.called(world.tenant, other, parent, "Dacca").await.unwrap().is_empty(),
                "{other:?}"
            );
        }
        tx.commit().await.unwrap();
        let map = SalesMapReader::read(&world.db, world.tenant).await.unwrap();
        let spellings = map.aliases(&AliasFilter::default(), &PageRequest::default()).rows;
        let name = map.find(kind.get(), place).unwrap().place.name;
        let expected = PlaceAlias { id, kind, place: Named { id: place, name }, alias: "Dacca".into() };
        assert_eq!(spellings, std::slice::from_ref(&expected));

        let mut tx = world.begin().await;
        assert_eq!(tx.places().remove_alias(theirs, id).await.unwrap(), None);
        assert_eq!(tx.places().remove_alias(world.tenant, id).await.unwrap(), Some(expected));
        assert_eq!(tx.places().remove_alias(world.tenant, id).await.unwrap(), None);
        tx.commit().await.unwrap();
        // Every process is told twice that its map is out of date.
        let told = "SELECT count(*) FROM changes WHERE tenant_id = $1 AND entity = $2 AND entity_id = $3";
        let told =
            world.owner.query_one(told, &[&world.tenant.get(), &kind.get().as_str(), &place]).await.unwrap();
        assert_eq!(told.get::<_, i64>(0), 2, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_are_counted_and_deleted_shops_apart() {
    let world = World::new().await;
    world
        .owner
        .batch_execute("UPDATE retailers SET deleted_at = now() WHERE uid = 'RTL-0006'")
        .await
        .unwrap();
    let mut tx = world.begin().await;
    let shops = PlaceUses { areas: None, territories: None, retailers: 5, deleted_retailers: 1 };
    for (kind, id, uses) in [
        (PlaceKind::Region, world.region, PlaceUses { areas: Some(1), territories: Some(1), ..shops }),
        (PlaceKind::Area, world.area, PlaceUses { territories: Some(1), ..shops }),
        (PlaceKind::Territory, world.territory, shops),
        (
            PlaceKind::Region,
            world.to.0,
            PlaceUses { areas: Some(1), territories: Some(0), ..PlaceUses::default() },
        ),
    ] {
        assert_eq!(tx.places().uses(world.tenant, kind, id).await.unwrap(), uses, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_whole_or_not_at_all() {
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
    // A move that leaves its shops behind cannot be committed: the database sees it.
    let mut tx = world.begin().await;
    let found = tx.places().lock(world.tenant, PlaceKind::Area, world.to.1).await.unwrap().unwrap();
    let elsewhere = Place { parent: Some(world.region), ..found.place };
    let carried = tx.places().relocate(world.tenant, PlaceKind::Area, &elsewhere, &found.above, now()).await;
    assert_eq!(carried, Ok(6));
    assert!(matches!(tx.commit().await, Err(StorageFailure::Broken(_))));
    assert_eq!(world.contradictions().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_added_during_a_move_goes_along_or_is_refused() {
    for kind in [PlaceKind::Area, PlaceKind::Territory] {
        let world = World::new().await;
        let (id, to) = match kind {
            PlaceKind::Area => (world.area, world.to.0),
            _ => (world.territory, world.to.1),
        };
        // Added before, committed while the move waits.
        let adding = world.database.app().await;
        adding.batch_execute(&format!("BEGIN; {}", world.shop())).await.unwrap();
        let moving = async {
            let mut tx = world.begin().await;
            let carried = world.relocate(&mut *tx, kind, id, to).await;
            tx.commit().await.unwrap();
            carried
        };
        let committing = async {
            world.somebody_waits().await;
            adding.batch_execute("COMMIT").await.unwrap();
        };
        let (carried, ()) = tokio::join!(moving, committing);
        assert_eq!(carried, 7, "{kind:?}");
        assert_eq!(world.contradictions().await, 0);
        // Begun after: it waits, and then finds that its places are no longer such.
        let mut tx = world.begin().await;
        let back = if kind == PlaceKind::Area { world.region } else { world.area };
        assert_eq!(world.relocate(&mut *tx, kind, id, back).await, 7);
        let shop = world.shop().replace("NEW-1", "NEW-2");
        let (area, region) =
            if kind == PlaceKind::Area { (world.area, world.to.0) } else { (world.to.1, world.to.0) };
        let values = format!("{}, {}, {}", world.region, world.area, world.territory);
        let shop = shop.replace(&values, &format!("{region}, {area}, {}", world.territory));
        let adding = adding.batch_execute(&shop);
        let committing = async {
            world.somebody_waits().await;
            tx.commit().await.unwrap();
        };
        let (added, ()) = tokio::join!(adding, committing);
        assert_eq!(added.unwrap_err().code(), Some(&SqlState::FOREIGN_KEY_VIOLATION), "{kind:?}");
        assert_eq!(world.contradictions().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_added_during_a_removal_keeps_its_place_or_is_refused() {
    let world = World::new().await;
    world.owner.batch_execute("DELETE FROM sales_rep_retailers; DELETE FROM retailers").await.unwrap();
    let (tenant, kind, id) = (world.tenant, PlaceKind::Territory, world.territory);
    let adding = world.database.app().await;
    adding.batch_execute(&format!("BEGIN; {}", world.shop())).await.unwrap();
    let counting = async {
        let mut tx = world.begin().await;
        tx.places().lock(tenant, kind, id).await.unwrap().unwrap();
        let uses = tx.places().uses(tenant, kind, id).await.unwrap();
        tx.roll_back().await;
        uses
    };
    let committing = async {
        world.somebody_waits().await;
        adding.batch_execute("COMMIT").await.unwrap();
    };
    let (uses, ()) = tokio::join!(counting, committing);
    assert_eq!(uses.retailers, 1, "what was added while it waited is seen");
    world.owner.batch_execute("DELETE FROM retailers").await.unwrap();
    let mut tx = world.begin().await;
    tx.places().lock(tenant, kind, id).await.unwrap().unwrap();
    assert!(tx.places().uses(tenant, kind, id).await.unwrap().is_none());
    let shop = world.shop();
    let adding = adding.batch_execute(&shop);
    let removing = async {
        world.somebody_waits().await;
        tx.places().remove(tenant, kind, id).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (added, ()) = tokio::join!(adding, removing);
    assert_eq!(added.unwrap_err().code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_given_a_shop_while_it_moves_is_told_too() {
    let world = World::new().await;
    let assigning = world.database.app().await;
    // As whoever assigns does: the shop is locked, then given.
    let (rep, shop) = (world.fixture.ours.other_rep.id, world.fixture.ours.shops[0].id);
    let idle = format!("DELETE FROM sales_rep_retailers WHERE sales_rep_id = {rep}");
    world.owner.batch_execute(&idle).await.unwrap();
    assigning
        .batch_execute(&format!("BEGIN; SELECT id FROM retailers WHERE id = {shop} FOR SHARE"))
        .await
        .unwrap();
    let moving = async {
        let mut tx = world.begin().await;
        world.relocate(&mut *tx, PlaceKind::Area, world.area, world.to.0).await;
        tx.commit().await.unwrap();
    };
    let giving = async {
        world.somebody_waits().await;
        let give = format!(
            "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
             SELECT tenant_id, {rep}, id, uid, name, now() FROM retailers WHERE id = {shop}; COMMIT"
        );
        assigning.batch_execute(&give).await.unwrap();
    };
    let ((), ()) = tokio::join!(moving, giving);
    let told = world
        .owner
        .query_one("SELECT count(*) FROM changes WHERE kind = 'moved' AND sales_rep_id = $1", &[&rep])
        .await
        .unwrap();
    assert_eq!(told.get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_of_a_map_waits_for_the_other_and_not_for_another_companys() {
    let world = World::new().await;
    let mut tx = world.begin().await;
    let theirs = TenantId::new(world.fixture.theirs.tenant);
    let mut other = Begin::<dyn TerritoryTx>::begin(&world.db).await.unwrap();
    other.places().lock_map(theirs).await.unwrap();
    other.roll_back().await;
    let waiting = async {
        let mut tx = world.begin().await;
        let place = tx.places().lock(world.tenant, PlaceKind::Area, world.area).await.unwrap().unwrap();
        Ok::<_, StorageFailure>(place.above.region.unwrap().id)
    };
    let moving = async {
        world.relocate(&mut *tx, PlaceKind::Area, world.area, world.to.0).await;
        world.somebody_waits().await;
        let _ = tx.audit();
        tx.commit().await.unwrap();
    };
    let (seen, ()) = tokio::join!(waiting, moving);
    assert_eq!(seen.unwrap(), world.to.0, "what the first has done");
}
