//! Random imports, compared with a simple model: a map from uid to the values of the last file.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use haat_domain::import::{
    Applying, Chunk, Columns, Duplicates, ErrorGroup, ErrorGroups, FailedUid, FilePart, ImportActor,
    ImportCounts, ImportError, ImportId, ImportMode, ImportOptions, ImportReader, ImportRow, ImportStager,
    ImportState, ImportTx, NamedPlace, NewImport, NewPlace, RowPlace, RowWarning,
};
use haat_domain::job::{Attempt, JobKind, JobQueue, Lane, NewJob};
use haat_domain::retailer::{Notes, Points, RetailerName, RetailerUid, Routes};
use haat_domain::shared::{
    AreaId, BatchId, BeginTransaction, Phone, RegionId, Role, TenantId, TerritoryId, UserId,
};
use haat_persistence_adapter::{PgDatabase, PgImportStager};
use haat_test_support::{Dice, Fixture, TestDatabase};
use tokio_postgres::Client;

/// All columns.
const ALL: Columns = Columns {
    name: true,
    phone: true,
    territory: true,
    distributor: true,
    points: true,
    routes: true,
    notes: true,
};

/// The state of a retailer in the model: name, phone, points, routes, notes, deleted.
type Known = (String, Option<String>, i32, Vec<String>, Option<String>, bool);

struct World {
    database: TestDatabase,
    db: PgDatabase,
    stager: PgImportStager,
    owner: Client,
    tenant: TenantId,
    actor: ImportActor,
    territory: RowPlace<TerritoryId>,
    attempts: i64,
}

/// A completed import.
struct Done {
    id: ImportId,
    batch: BatchId,
    /// The counts of the check.
    preview: ImportCounts,
    /// The counts of the applied import.
    counts: ImportCounts,
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn row(number: i64, uid: &str, name: &str, territory: RowPlace<TerritoryId>) -> ImportRow {
    ImportRow {
        row: number,
        sheet_row: number + 1,
        uid: RetailerUid::parse(uid).unwrap(),
        name: Some(RetailerName::parse(name).unwrap()),
        phone: None,
        territory: Some(territory),
        distributor: None,
        points: Points::parse(0).unwrap(),
        routes: Routes::default(),
        notes: None,
    }
}

fn part(to: i64, rows: &[ImportRow], errors: &[ImportError], places: &[(i32, NewPlace)]) -> FilePart {
    FilePart { to, rows: rows.to_vec(), errors: errors.to_vec(), failed: vec![], places: places.to_vec() }
}

/// In a lane where one tenant may run any number of jobs.
static IMPORT: JobKind = JobKind::new("import-retailers", Lane::Prompt);

impl World {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let fixture = Fixture::new(&database).await;
        let owner = database.owner().await;
        let tenant = TenantId::new(fixture.ours.tenant);
        let statement = "SELECT id FROM territories WHERE tenant_id = $1";
        let territory: i64 = owner.query_one(statement, &[&tenant.get()]).await.unwrap().get(0);
        let db = database.adapter();
        // The fixture writes names like an older version, without the sounds of their words.
        db.fill_word_sounds().await.unwrap();
        let stager = PgImportStager::new(database.app_config());
        let actor = ImportActor { user: Some((UserId::new(fixture.ours.admin.id), Role::Admin)) };
        let territory = RowPlace::Known(TerritoryId::new(territory));
        Self { database, db, stager, owner, tenant, actor, territory, attempts: 0 }
    }

    async fn begin(&self) -> Box<dyn ImportTx> {
        BeginTransaction::<dyn ImportTx>::begin(&self.db).await.unwrap()
    }

    /// Submits an import and takes its job.
    async fn submitted(&mut self, options: ImportOptions) -> (ImportId, Attempt) {
        self.attempts += 1;
        let mut tx = self.begin().await;
        let (tenant, actor) = (self.tenant, self.actor.user.map(|(user, _)| user));
        let new = NewImport {
            tenant,
            actor,
            file_name: Some("retailers.csv".into()),
            file: "f".into(),
            size: 7,
            options,
            request_id: "r".into(),
            at: at(),
        };
        let id = tx.imports().submit(&new).await.unwrap();
        let args = [("import".to_owned(), id.to_string())].into();
        tx.jobs().enqueue(&NewJob::new(tenant, &IMPORT, actor, args, at())).await.unwrap();
        tx.commit().await.unwrap();
        (id, self.db.claim(IMPORT.lane, &[&IMPORT]).await.unwrap().unwrap().attempt)
    }

    /// Submits an import and stages its rows.
    async fn staged(
        &mut self,
        options: ImportOptions,
        columns: Columns,
        rows: &[ImportRow],
        errors: &[ImportError],
        places: &[(i32, NewPlace)],
    ) -> (ImportId, Attempt) {
        let (id, attempt) = self.submitted(options).await;
        let (mut stage, from) =
            self.stager.open(&attempt, id, columns, &[], &BTreeMap::new()).await.unwrap().unwrap();
        assert_eq!(from, 0);
        let total = i64::try_from(rows.len() + errors.len()).unwrap();
        assert!(stage.add(part(total, rows, errors, places)).await.unwrap());
        (id, attempt)
    }

    /// Runs an import in chunks of three rows.
    async fn import(
        &mut self,
        options: ImportOptions,
        columns: Columns,
        rows: &[ImportRow],
        errors: &[ImportError],
        places: &[(i32, NewPlace)],
    ) -> Done {
        let (id, _) = self.staged(options, columns, rows, errors, places).await;
        let mut tx = self.begin().await;
        let import = tx.imports().lock(self.tenant, id).await.unwrap().unwrap();
        let preview = tx.imports().check(self.tenant, &import).await.unwrap();
        let batch = tx.imports().begin(self.tenant, id, self.actor, "r", at()).await.unwrap();
        tx.commit().await.unwrap();
        let counts = loop {
            let mut tx = self.begin().await;
            let import = tx.imports().lock(self.tenant, id).await.unwrap().unwrap();
            assert_eq!(import.counts.processed(), import.applied_to, "after every chunk");
            if import.applied_to == import.total {
                let state = ImportState::Succeeded;
                tx.imports().finish(self.tenant, id, state, None, at()).await.unwrap();
                tx.commit().await.unwrap();
                break import.counts;
            }
            let chunk = Chunk { after: import.applied_to, to: import.total.min(import.applied_to + 3) };
            tx.imports().apply(&self.applying(id, batch, options, columns), chunk).await.unwrap();
            tx.commit().await.unwrap();
        };
        Done { id, batch, preview, counts }
    }

    fn applying(
        &self,
        import: ImportId,
        batch: BatchId,
        options: ImportOptions,
        columns: Columns,
    ) -> Applying {
        Applying {
            tenant: self.tenant,
            import,
            batch,
            actor: self.actor,
            request_id: "r".into(),
            options,
            columns,
            at: at(),
        }
    }

    /// Undoes an import in chunks of two retailers; returns the numbers of restored, removed and unchanged retailers.
    async fn undo(&self, done: &Done) -> (i64, i64, i64) {
        let mut tx = self.begin().await;
        let (preview, _) = tx.imports().undo_preview(self.tenant, done.batch, 10).await.unwrap();
        let undo = tx.imports().begin_undo(self.tenant, done.id, done.batch, self.actor, at()).await.unwrap();
        tx.commit().await.unwrap();
        let applying = self.applying(done.id, undo, ImportOptions::default(), ALL);
        loop {
            let mut tx = self.begin().await;
            let progress = tx.imports().undo(&applying, done.batch, 2).await.unwrap();
            if progress.is_none() {
                assert_eq!(tx.imports().finish_undo(&applying, done.batch).await.unwrap(), 0);
            }
            tx.commit().await.unwrap();
            if progress.is_none() {
                break;
            }
        }
        let import = ImportReader::find(&self.db, self.tenant, done.id).await.unwrap().unwrap();
        let undo = import.undo.unwrap();
        assert!(undo.finished && import.state == ImportState::Undone);
        assert_eq!(undo.counts, preview, "the preview is exact");
        (undo.counts.restored, undo.counts.removed, undo.counts.changed)
    }

    async fn pool(&self) -> BTreeMap<String, Known> {
        let retailers = "SELECT uid, name, phone, points, routes, notes, deleted_at IS NOT NULL FROM retailers \
                     WHERE tenant_id = $1";
        let rows = self.owner.query(retailers, &[&self.tenant.get()]).await.unwrap();
        let known = |row: &tokio_postgres::Row| {
            (row.get(0), (row.get(1), row.get(2), row.get(3), row.get(4), row.get(5), row.get(6)))
        };
        rows.iter().map(known).collect()
    }

    async fn number(&self, statement: &str) -> i64 {
        self.owner.query_one(statement, &[]).await.unwrap().get(0)
    }

    /// Asserts that search keys, search words and copied names match the retailers.
    async fn assert_consistent(&self) {
        let rows = self.owner.query("SELECT uid, name, phone, search_key FROM retailers", &[]).await.unwrap();
        for row in rows {
            let uid = RetailerUid::parse(row.get(0)).unwrap();
            let phone = row.get::<_, Option<&str>>(2).map(|phone| Phone::parse(phone).unwrap());
            let key = haat_domain::retailer::search_key(row.get(1), &uid, phone.as_ref());
            assert_eq!(row.get::<_, &str>(3), key, "{uid}");
        }
        let stale = "SELECT count(*) FROM sales_rep_retailers s JOIN retailers r ON r.id = s.retailer_id \
                     WHERE r.name <> s.name";
        assert_eq!(self.number(stale).await, 0);
        let unindexed = "SELECT count(*) FROM retailers r, retailer_words_of(r.search_key) w (word) WHERE NOT EXISTS ( \
                          SELECT FROM retailer_words k WHERE k.tenant_id = r.tenant_id AND k.word = w.word \
                          AND k.prefix = left(r.name, 12))";
        assert_eq!(self.number(unindexed).await, 0, "search finds every retailer");
        let unindexed = "SELECT count(*) FROM retailers r, retailer_pairs_of(r.search_key) p (pair) WHERE NOT EXISTS ( \
                          SELECT FROM retailer_pairs k WHERE k.tenant_id = r.tenant_id AND k.pair = p.pair \
                          AND k.prefix = left(r.name, 12)) OR NOT EXISTS ( \
                          SELECT FROM retailer_pair_vocabulary k WHERE k.tenant_id = r.tenant_id AND k.pair = p.pair)";
        assert_eq!(self.number(unindexed).await, 0, "search finds every retailer by two words");
        let soundless = "SELECT count(*) FROM retailer_vocabulary WHERE sound IS NULL";
        assert_eq!(self.number(soundless).await, 0, "search finds every retailer by the sound of its name");
    }
}

fn random_options(dice: &mut Dice) -> ImportOptions {
    let modes = [ImportMode::Upsert, ImportMode::Upsert, ImportMode::Create, ImportMode::Update];
    ImportOptions {
        mode: modes[dice.roll(4)],
        duplicates: if dice.one_in(2) { Duplicates::Error } else { Duplicates::Last },
        restore_deleted: dice.one_in(2),
        ..ImportOptions::default()
    }
}

fn random_row(dice: &mut Dice, number: i64, territory: RowPlace<TerritoryId>) -> ImportRow {
    let phone = format!("0171122330{}", dice.roll(3));
    ImportRow {
        phone: dice.one_in(2).then(|| Phone::parse(&phone).unwrap()),
        points: Points::parse(i64::try_from(dice.roll(3)).unwrap()).unwrap(),
        routes: Routes::parse(["Bazar", "Ghat"].into_iter().take(dice.roll(3))).unwrap(),
        notes: Notes::parse(if dice.one_in(2) { "a note\nof \\two" } else { "" }).unwrap(),
        ..row(number, &format!("RTL-{:04}", dice.roll(9)), &format!("Store {}", dice.roll(3)), territory)
    }
}

/// Applies a file to the model and returns the expected counts.
fn apply_to_model(
    pool: &mut BTreeMap<String, Known>,
    options: ImportOptions,
    columns: Columns,
    rows: &[ImportRow],
) -> ImportCounts {
    let mut counts = ImportCounts::default();
    for row in rows {
        let uid = row.uid.as_str();
        let same = rows.iter().filter(|other| other.uid == row.uid);
        let (repeated, last) = (same.clone().count() > 1, same.map(|other| other.row).max() == Some(row.row));
        let before = pool.get(uid).cloned();
        let is_error = (repeated && options.duplicates == Duplicates::Error)
            || match (&before, options.mode) {
                (None, ImportMode::Update) | (Some(_), ImportMode::Create) => true,
                (Some(known), _) => known.5 && !options.restore_deleted,
                _ => false,
            };
        if repeated && options.duplicates == Duplicates::Last && !last {
            counts.unchanged += 1;
        } else if is_error {
            counts.failed += 1;
        } else {
            let mut after = before.clone().unwrap_or_default();
            let (new, name) = (before.is_none(), row.name.as_ref().unwrap().as_str());
            if columns.name || new {
                name.clone_into(&mut after.0);
            }
            if columns.phone || new {
                after.1 = row.phone.as_ref().map(|phone| phone.as_str().to_owned());
            }
            if columns.points || new {
                after.2 = row.points.get();
            }
            if columns.routes || new {
                after.3 = row.routes.as_slice().to_vec();
            }
            if columns.notes || new {
                after.4 = row.notes.as_ref().map(|notes| notes.as_str().to_owned());
            }
            after.5 = false;
            match &before {
                None => counts.created += 1,
                Some(known) if *known == after => counts.unchanged += 1,
                Some(_) => counts.updated += 1,
            }
            pool.insert(uid.to_owned(), after);
        }
    }
    counts
}

async fn random_imports_and_undos(seeds: std::ops::RangeInclusive<u64>) {
    for seed in seeds {
        let (mut world, mut dice) = (World::new().await, Dice::new(seed));
        let mut pool = world.pool().await;
        // Imports that can be undone, the latest last.
        let mut stack = Vec::new();
        for _ in 0..25 {
            let before = pool.clone();
            let options = random_options(&mut dice);
            let columns = match options.mode {
                ImportMode::Update => Columns {
                    name: dice.one_in(2),
                    phone: dice.one_in(2),
                    territory: false,
                    points: dice.one_in(2),
                    notes: dice.one_in(2),
                    ..ALL
                },
                _ => ALL,
            };
            let territory = world.territory;
            let rows: Vec<_> = (1..=i64::try_from(dice.roll(8)).unwrap() + 1)
                .map(|number| random_row(&mut dice, number, territory))
                .collect();
            let expected = apply_to_model(&mut pool, options, columns, &rows);
            // Distributors are out of scope: no row names one, but the retailers of the fixture have one.
            let columns = Columns { distributor: false, ..columns };
            let audited = world.number("SELECT count(*) FROM audit_logs").await;
            let done = world.import(options, columns, &rows, &[], &[]).await;
            assert_eq!((done.counts, done.preview), (expected, expected), "seed {seed}: {options:?}");
            assert_eq!(world.pool().await, pool, "seed {seed}: {options:?} {rows:?}");
            world.assert_consistent().await;
            let written = world.number("SELECT count(*) FROM audit_logs").await - audited;
            assert_eq!(written, expected.created + expected.updated, "one audit entry per change");
            stack.push((done, before, expected));
            let mut undos = if dice.roll(3) == 0 { 1 + dice.roll(4) } else { 0 };
            while undos > 0
                && let Some((done, before, expected)) = stack.pop()
            {
                let (restored, removed, unchanged) = world.undo(&done).await;
                assert_eq!(
                    (restored, removed, unchanged),
                    (expected.updated, expected.created, 0),
                    "seed {seed}"
                );
                pool = before;
                assert_eq!(world.pool().await, pool, "seed {seed}: after the undo");
                world.assert_consistent().await;
                undos -= 1;
            }
            if dice.roll(4) == 0
                && let Some(uid) = pool.keys().nth(dice.roll(pool.len())).cloned()
            {
                let delete = "UPDATE retailers SET deleted_at = now(), version = version + 1 \
                              WHERE tenant_id = $1 AND uid = $2 AND deleted_at IS NULL";
                world.owner.execute(delete, &[&world.tenant.get(), &uid]).await.unwrap();
                // A deleted retailer has no assignments.
                let end = "DELETE FROM sales_rep_retailers WHERE tenant_id = $1 AND uid = $2";
                world.owner.execute(end, &[&world.tenant.get(), &uid]).await.unwrap();
                pool.get_mut(&uid).unwrap().5 = true;
                stack.clear();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_imports_and_undos_match_the_model() {
    random_imports_and_undos(1..=3).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes three seconds per seed: make test-long, make prove histories"]
async fn random_imports_and_undos_match_the_model_for_many_seeds() {
    random_imports_and_undos(haat_test_support::many_seeds(35)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_keeps_and_lists_retailers_changed_since() {
    let mut world = World::new().await;
    let territory = world.territory;
    let rows: Vec<_> = [(1, "RTL-0001"), (2, "RTL-0002"), (3, "NEW-1"), (4, "NEW-2"), (5, "NEW-3")]
        .map(|(number, uid)| row(number, uid, "Renamed", territory))
        .into();
    let done = world.import(ImportOptions::default(), ALL, &rows, &[], &[]).await;
    assert_eq!((done.counts.created, done.counts.updated), (3, 2));
    // One retailer is edited, one is assigned to a sales rep.
    let edit = "UPDATE retailers SET points = 9, version = version + 1 WHERE uid = 'RTL-0002'";
    let assign = "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
                  SELECT r.tenant_id, (SELECT min(id) FROM sales_reps WHERE tenant_id = r.tenant_id), r.id, r.uid, \
                  r.name, now() FROM retailers r WHERE uid = 'NEW-2'";
    world.owner.batch_execute(&format!("{edit}; {assign}")).await.unwrap();
    assert_eq!(world.undo(&done).await, (1, 2, 2));
    let kept = world.db.unchanged_by_undo(world.tenant, done.batch, 10).await.unwrap();
    assert_eq!(kept, ["RTL-0002", "NEW-2"]);
    let pool = world.pool().await;
    assert_eq!(pool["RTL-0001"].0, "মা স্টোর");
    assert_eq!(pool["RTL-0002"].0, "Renamed");
    assert!(!pool.contains_key("NEW-1") && pool.contains_key("NEW-2"));
    // The corrected file creates them again.
    let done = world.import(ImportOptions::default(), ALL, &rows, &[], &[]).await;
    assert_eq!((done.counts.created, done.counts.updated, done.counts.unchanged), (2, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_undo_of_a_later_import_is_reported() {
    let mut world = World::new().await;
    let territory = world.territory;
    let mut done = Vec::new();
    for name in ["First", "Second"] {
        let rows = [row(1, "RTL-0001", name, territory)];
        done.push(world.import(ImportOptions::default(), ALL, &rows, &[], &[]).await);
    }
    let later = async |batch| {
        let mut tx = world.begin().await;
        let later = tx.imports().later_undo(world.tenant, batch).await.unwrap();
        tx.roll_back().await;
        later
    };
    assert_eq!(later(done[0].batch).await, None);
    let mut tx = world.begin().await;
    tx.imports().begin_undo(world.tenant, done[1].id, done[1].batch, world.actor, at()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(later(done[0].batch).await, Some(done[1].id));
    assert_eq!(later(done[1].batch).await, None, "an import is not later than itself");
    world.owner.batch_execute("UPDATE imports SET undo_batch_id = NULL").await.unwrap();
    world.undo(&done[1]).await;
    assert_eq!(later(done[0].batch).await, None);
    assert_eq!(world.undo(&done[0]).await, (1, 0, 0));
    assert_eq!(world.pool().await["RTL-0001"].0, "মা স্টোর");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_places_are_created_once_and_audited() {
    let mut world = World::new().await;
    let place = |region: Result<RegionId, String>, area: Result<AreaId, String>, name: &str| {
        NewPlace::Territory { region, area, territory: name.into() }
    };
    let region = RegionId::new(world.number("SELECT id FROM regions WHERE tenant_id = 1").await);
    let places = [
        (1, place(Err("Khulna".into()), Err("Jashore".into()), "Sadar")),
        (2, place(Err("Khulna".into()), Err("Jashore".into()), "Jhikargacha")),
        (3, place(Ok(region), Err("Narsingdi".into()), "Sadar")),
        (4, NewPlace::Distributor("Karim & Sons".into())),
    ];
    let mut rows: Vec<_> = (1..=3)
        .map(|n| row(n, &format!("NEW-{n}"), "New", RowPlace::New(i32::try_from(n).unwrap())))
        .collect();
    rows[0].distributor = Some(RowPlace::New(4));
    let options = ImportOptions { create_missing: true, ..ImportOptions::default() };
    let done = world.import(options, ALL, &rows, &[], &places).await;
    assert_eq!((done.preview.created, done.counts.created), (3, 3));
    let places_of_new = "SELECT string_agg(concat_ws('/', g.name, a.name, t.name, d.name), ', ' ORDER BY r.uid) FROM retailers r \
                JOIN regions g ON g.id = r.region_id JOIN areas a ON a.id = r.area_id \
                JOIN territories t ON t.id = r.territory_id LEFT JOIN distributors d ON d.id = r.distributor_id \
                WHERE r.uid LIKE 'NEW%'";
    let found: String = world.owner.query_one(places_of_new, &[]).await.unwrap().get(0);
    assert_eq!(found, "Khulna/Jashore/Sadar/Karim & Sons, Khulna/Jashore/Jhikargacha, Dhaka/Narsingdi/Sadar");
    let audited = "SELECT count(*) FROM audit_logs WHERE action IN \
                   ('region.create', 'area.create', 'territory.create', 'distributor.create')";
    assert_eq!(world.number(audited).await, 1 + 2 + 3 + 1);
    let feed = "SELECT count(*) FROM changes WHERE entity IN ('region', 'area', 'territory', 'distributor')";
    assert_eq!(world.number(feed).await, 7);
    // The import still lists them by name, with their parents.
    let new = world.db.new_places(world.tenant, done.id, true, 3).await.unwrap();
    let paths: Vec<String> = new.sample.iter().map(path).collect();
    assert_eq!(
        paths,
        [
            "region Khulna",
            "area Khulna/Jashore",
            "area Dhaka/Narsingdi",
            "territory Khulna/Jashore/Sadar",
            "territory Khulna/Jashore/Jhikargacha",
            "territory Dhaka/Narsingdi/Sadar",
            "distributor Karim & Sons",
        ]
    );
    assert_eq!((new.regions, new.areas, new.territories, new.distributors, new.total()), (1, 2, 3, 1, 7));
}

/// Returns kind and path of a new place.
fn path(place: &NamedPlace) -> String {
    let parents = [&place.region, &place.area].into_iter().flatten().map(String::as_str);
    format!("{} {}", place.kind, parents.chain([&*place.name]).collect::<Vec<_>>().join("/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_lists_only_new_places_of_valid_rows() {
    let mut world = World::new().await;
    let rows = [
        row(1, "A", "One", RowPlace::New(1)),
        row(2, "B", "Two", RowPlace::New(3)),
        row(3, "B", "Two", RowPlace::New(3)),
    ];
    let distributor = |name: &str| NewPlace::Distributor(name.to_owned());
    let territory =
        NewPlace::Territory { region: Err("R".into()), area: Err("A".into()), territory: "T".into() };
    let places = [(1, territory), (3, distributor("Unused"))];
    let options = ImportOptions { create_missing: true, dry_run: true, ..ImportOptions::default() };
    let (id, _) = world.staged(options, ALL, &rows, &[], &places).await;
    let mut tx = world.begin().await;
    let import = tx.imports().lock(world.tenant, id).await.unwrap().unwrap();
    let preview = tx.imports().check(world.tenant, &import).await.unwrap();
    tx.imports().ready(world.tenant, id, preview).await.unwrap();
    tx.commit().await.unwrap();
    let new = world.db.new_places(world.tenant, id, false, 20).await.unwrap();
    let paths: Vec<String> = new.sample.iter().map(path).collect();
    assert_eq!(
        paths,
        ["region R", "area R/A", "territory R/A/T"],
        "only rows with errors name the distributor"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_errors_by_row_and_a_finished_import_accepts_no_rows() {
    let mut world = World::new().await;
    let territory = world.territory;
    let missing = RowPlace::Known(TerritoryId::new(987_654));
    let rows = [
        row(1, "A", "One", territory),
        row(3, "B", "Two", territory),
        row(4, "B", "Three", territory),
        row(5, "C", "Four", missing),
    ];
    let error = |field, code| ImportError { row: 2, sheet_row: 3, field, code, value: "x".into() };
    let errors = [error("name", "required"), error("phone", "invalid-phone")];
    let (id, attempt) = world.staged(ImportOptions::default(), ALL, &rows, &errors[..1], &[]).await;
    let mut tx = world.begin().await;
    let import = tx.imports().lock(world.tenant, id).await.unwrap().unwrap();
    tx.imports().check(world.tenant, &import).await.unwrap();
    let batch = tx.imports().begin(world.tenant, id, world.actor, "r", at()).await.unwrap();
    let applying = world.applying(id, batch, ImportOptions::default(), ALL);
    let counts = tx.imports().apply(&applying, Chunk { after: 0, to: 5 }).await.unwrap();
    assert_eq!(counts, ImportCounts { created: 1, failed: 4, ..ImportCounts::default() });
    tx.commit().await.unwrap();
    let failed = world.db.failed_rows(world.tenant, id, 0, 10).await.unwrap();
    let errors_of_rows: Vec<_> = failed.iter().map(|row| (row.row, row.errors[0].1.as_str())).collect();
    assert_eq!(errors_of_rows, [(2, "required"), (3, "duplicate"), (4, "duplicate"), (5, "not-found")]);
    assert_eq!(world.db.failed_rows(world.tenant, id, 3, 1).await.unwrap()[0].row, 4);
    // The import is no longer validating.
    assert!(world.stager.open(&attempt, id, ALL, &[], &BTreeMap::new()).await.unwrap().is_none());
    let (id, attempt) = world.submitted(ImportOptions::default()).await;
    let (mut stage, _) =
        world.stager.open(&attempt, id, ALL, &["extra".to_owned()], &BTreeMap::new()).await.unwrap().unwrap();
    let mut tx = world.begin().await;
    tx.imports().finish(world.tenant, id, ImportState::Cancelled, None, at()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!stage.add(part(1, &rows[..1], &errors[1..], &[])).await.unwrap());
    let staged = "SELECT count(*) FROM import_rows";
    assert_eq!(world.number(&format!("{staged} WHERE import_id = {id}")).await, 0);
    // An attempt that has lost its job cannot write either.
    let late = Attempt { number: attempt.number - 1, ..attempt.clone() };
    let mut tx = world.begin().await;
    assert!(
        tx.jobs().confirm_claim(&attempt).await.unwrap() && !tx.jobs().confirm_claim(&late).await.unwrap()
    );
    tx.commit().await.unwrap();
    let (id, attempt) = world.submitted(ImportOptions::default()).await;
    let late = Attempt { number: attempt.number + 1, ..attempt };
    assert!(world.stager.open(&late, id, ALL, &[], &BTreeMap::new()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retailer_assigned_during_the_undo_stays() {
    let mut world = World::new().await;
    let territory = world.territory;
    world
        .owner
        .batch_execute("UPDATE retailers SET deleted_at = now() WHERE uid = 'RTL-0006'")
        .await
        .unwrap();
    let rows = [row(1, "NEW-1", "New", territory), row(2, "RTL-0006", "Back", territory)];
    let options = ImportOptions { restore_deleted: true, ..ImportOptions::default() };
    let done = world.import(options, ALL, &rows, &[], &[]).await;
    assert_eq!((done.counts.created, done.counts.updated), (1, 1));
    // A concurrent transaction assigns both retailers; an assignment locks the retailers first.
    let assigning = world.database.owner().await;
    assigning
        .batch_execute(
            "BEGIN; SELECT FROM retailers WHERE uid IN ('NEW-1', 'RTL-0006') ORDER BY id FOR KEY SHARE; \
             INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
             SELECT r.tenant_id, (SELECT min(id) FROM sales_reps WHERE tenant_id = r.tenant_id), r.id, r.uid, r.name, \
             now() FROM retailers r WHERE uid IN ('NEW-1', 'RTL-0006') AND tenant_id = 1",
        )
        .await
        .unwrap();
    let mut tx = world.begin().await;
    let undo = tx.imports().begin_undo(world.tenant, done.id, done.batch, world.actor, at()).await.unwrap();
    tx.commit().await.unwrap();
    let applying = world.applying(done.id, undo, options, ALL);
    let mut tx = world.begin().await;
    let (undone, committed) = tokio::join!(tx.imports().undo(&applying, done.batch, 10), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assigning.batch_execute("COMMIT").await
    });
    committed.unwrap();
    assert_eq!(undone.unwrap().map(|counts| (counts.changed, counts.removed)), Some((2, 0)));
    tx.commit().await.unwrap();
    let pool = world.pool().await;
    assert!(pool.contains_key("NEW-1") && !pool["RTL-0006"].5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retailer_removed_during_an_import_is_created_again() {
    let mut world = World::new().await;
    let rows = [row(1, "NEW-1", "New", world.territory)];
    let first = world.import(ImportOptions::default(), ALL, &rows, &[], &[]).await;
    let rows = [row(1, "NEW-1", "Newer", world.territory)];
    let (id, _) = world.staged(ImportOptions::default(), ALL, &rows, &[], &[]).await;
    let mut tx = world.begin().await;
    let batch = tx.imports().begin(world.tenant, id, world.actor, "r", at()).await.unwrap();
    let applying = world.applying(id, batch, ImportOptions::default(), ALL);
    let chunk = Chunk { after: 0, to: 1 };
    tx.commit().await.unwrap();
    // A concurrent transaction deletes the retailer.
    let removing = world.database.owner().await;
    assert_eq!(first.counts.created, 1);
    removing.batch_execute("BEGIN; DELETE FROM retailers WHERE uid = 'NEW-1'").await.unwrap();
    let mut tx = world.begin().await;
    let (applied, committed) = tokio::join!(tx.imports().apply(&applying, chunk), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        removing.batch_execute("COMMIT").await
    });
    committed.unwrap();
    assert!(applied.unwrap_err().is_retryable(), "the chunk is retried");
    tx.roll_back().await;
    let mut tx = world.begin().await;
    assert_eq!(tx.imports().apply(&applying, chunk).await.unwrap().created, 1);
    tx.commit().await.unwrap();
    assert_eq!(world.pool().await["NEW-1"].0, "Newer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_uid_that_is_in_the_file_twice_is_a_duplicate_whatever_else_is_wrong() {
    let mut world = World::new().await;
    let (id, attempt) = world.submitted(ImportOptions::default()).await;
    let headers = BTreeMap::from([("phone".to_owned(), "Mobile".to_owned())]);
    let (mut stage, _) = world.stager.open(&attempt, id, ALL, &[], &headers).await.unwrap().unwrap();
    let failed =
        |row: i64, uid: &str| FailedUid { row, sheet_row: row + 1, uid: RetailerUid::parse(uid).unwrap() };
    let error = |row: i64| ImportError {
        row,
        sheet_row: row + 1,
        field: "phone",
        code: "invalid-phone",
        value: "12".into(),
    };
    let part = FilePart {
        to: 5,
        rows: vec![row(1, "DUP-1", "One", world.territory), row(3, "ONE-1", "Three", world.territory)],
        errors: vec![error(2), error(4), error(5)],
        failed: vec![failed(2, "dup-1"), failed(4, "FAIL-1"), failed(5, "FAIL-2")],
        places: vec![],
    };
    assert!(stage.add(part).await.unwrap());
    let mut tx = world.begin().await;
    let import = tx.imports().lock(world.tenant, id).await.unwrap().unwrap();
    let counts = tx.imports().check(world.tenant, &import).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((counts.created, counts.failed), (1, 4));
    let found = world.db.find(world.tenant, id).await.unwrap().unwrap();
    assert_eq!(found.column_headers, headers);
    let groups = world.db.error_groups(world.tenant, id).await.unwrap();
    let group = |field: &str, code: &str, value: &str, count, sheet_rows: &[i64]| ErrorGroup {
        field: field.into(),
        code: code.into(),
        value: value.into(),
        count,
        sheet_rows: sheet_rows.to_vec(),
    };
    let largest = vec![
        group("phone", "invalid-phone", "12", 3, &[3, 5, 6]),
        group("uid", "duplicate", "DUP-1", 1, &[2]),
        group("uid", "duplicate", "dup-1", 1, &[3]),
    ];
    assert_eq!(groups, ErrorGroups { total: 3, largest });
}

#[tokio::test(flavor = "multi_thread")]
async fn commas_in_routes_and_shared_phones_are_warnings() {
    let mut world = World::new().await;
    let mut rows: Vec<_> = (1..=4).map(|n| row(n, &format!("W-{n}"), "Name", world.territory)).collect();
    for row in &mut rows[..3] {
        row.phone = Phone::parse("01711223344").ok();
    }
    rows[3].phone = Phone::parse("01711223355").ok();
    rows[1].routes = Routes::parse(["A, B", "C"]).unwrap();
    let done = world.import(ImportOptions::default(), ALL, &rows, &[], &[]).await;
    let warnings = world.db.find(world.tenant, done.id).await.unwrap().unwrap().warnings;
    let warning = |code: &str, rows, example: &str| RowWarning {
        code: code.into(),
        rows,
        examples: vec![example.into()],
    };
    assert_eq!(
        warnings,
        [warning("comma-in-route", 1, "A, B"), warning("shared-phone", 3, "+8801711223344")]
    );
    let plain = [row(1, "W-9", "Name", world.territory)];
    let done = world.import(ImportOptions::default(), ALL, &plain, &[], &[]).await;
    assert_eq!(world.db.find(world.tenant, done.id).await.unwrap().unwrap().warnings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_got_the_name_since_the_check_is_used() {
    let mut world = World::new().await;
    let area = "SELECT id, region_id FROM areas WHERE tenant_id = $1";
    let area = world.owner.query_one(area, &[&world.tenant.get()]).await.unwrap();
    let (area, region): (i64, i64) = (area.get(0), area.get(1));
    let territory = |name: &str| NewPlace::Territory {
        region: Ok(RegionId::new(region)),
        area: Ok(AreaId::new(area)),
        territory: name.into(),
    };
    let places = [(1, territory("Bazar")), (2, territory("Ghat")), (3, territory("Hat"))];
    let rows =
        [(1, "P-1"), (2, "P-2"), (3, "P-3")].map(|(n, uid)| row(i64::from(n), uid, uid, RowPlace::New(n)));
    let (id, _) = world.staged(ImportOptions::default(), ALL, &rows, &[], &places).await;
    // Meanwhile others give a place the first name in another spelling, and another place the second name as an alias.
    let statement = format!(
        "INSERT INTO territories (tenant_id, area_id, name, name_key) VALUES ({0}, {area}, 'BAZAR', 'bazar'); \
         INSERT INTO place_aliases (tenant_id, kind, territory_id, alias, alias_key) \
         SELECT tenant_id, 'territory', id, 'GHAT', 'ghat' FROM territories WHERE tenant_id = {0} AND name <> 'BAZAR'",
        world.tenant
    );
    world.owner.batch_execute(&statement).await.unwrap();
    let mut tx = world.begin().await;
    let batch = tx.imports().begin(world.tenant, id, world.actor, "r", at()).await.unwrap();
    let applying = world.applying(id, batch, ImportOptions::default(), ALL);
    let counts = tx.imports().apply(&applying, Chunk { after: 0, to: 3 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((counts.created, counts.failed), (3, 0));
    let names = "SELECT t.name FROM retailers AS r JOIN territories AS t ON t.id = r.territory_id \
                 WHERE r.uid LIKE 'P-%' ORDER BY r.uid";
    let names: Vec<String> =
        world.owner.query(names, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["BAZAR", "Kaliganj", "Hat"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_uid_created_in_another_case_since_the_check_is_updated() {
    let mut world = World::new().await;
    let rows = [row(1, "new-1", "Name of the file", world.territory)];
    let (id, _) = world.staged(ImportOptions::default(), ALL, &rows, &[], &[]).await;
    let insert = "INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
                  SELECT tenant_id, 'NEW-1', 'Other', region_id, area_id, territory_id, 'other' FROM retailers \
                  WHERE tenant_id = $1 LIMIT 1";
    world.owner.execute(insert, &[&world.tenant.get()]).await.unwrap();
    let mut tx = world.begin().await;
    let batch = tx.imports().begin(world.tenant, id, world.actor, "r", at()).await.unwrap();
    let applying = world.applying(id, batch, ImportOptions::default(), ALL);
    let counts = tx.imports().apply(&applying, Chunk { after: 0, to: 1 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((counts.created, counts.updated, counts.failed), (0, 1, 0));
    let pool = world.pool().await;
    assert_eq!(pool["NEW-1"].0, "Name of the file");
    assert!(!pool.contains_key("new-1"));
}
