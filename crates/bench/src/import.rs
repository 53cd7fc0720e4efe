//! A nation of shops from one file: into an empty pool, once more, and beside representatives who read.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;
use crate::haat::Server;
use crate::office::Office;
use crate::report::Line;
use crate::world::{Rep, World, copy_in, copy_out, query};

/// The pool once more, with every index and foreign key that it has in production.
const FLOOR: &str = "CREATE TABLE floor (LIKE retailers INCLUDING ALL); \
    ALTER TABLE floor ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id), \
        ADD FOREIGN KEY (tenant_id, territory_id, area_id) REFERENCES territories (tenant_id, id, area_id), \
        ADD FOREIGN KEY (tenant_id, area_id, region_id) REFERENCES areas (tenant_id, id, region_id), \
        ADD FOREIGN KEY (tenant_id, distributor_id) REFERENCES distributors (tenant_id, id)";

/// The pool as a file that people send.
const FILE: &str = "COPY (SELECT r.uid, r.name, r.phone, g.name AS region, a.name AS area, t.name AS territory, \
    d.name AS distributor, r.points, array_to_string(r.routes, ';') AS routes, r.notes FROM retailers AS r \
    JOIN regions AS g ON g.tenant_id = r.tenant_id AND g.id = r.region_id \
    JOIN areas AS a ON a.tenant_id = r.tenant_id AND a.id = r.area_id \
    JOIN territories AS t ON t.tenant_id = r.tenant_id AND t.id = r.territory_id \
    LEFT JOIN distributors AS d ON d.tenant_id = r.tenant_id AND d.id = r.distributor_id \
    ORDER BY md5(r.uid)) TO STDOUT (FORMAT csv, HEADER)";

/// Where files of shops go.
const PATH: &str = "/admin/retailers/import";

/// Requests a second of representatives, however long each takes.
const READS: u32 = 1_000;

/// Measures on a copy of the world, which is dropped afterwards.
pub(crate) fn run(world: &World, reps: &[Rep]) -> Outcome<()> {
    let copy = world.copy("import")?;
    let outcome = measure(&copy, reps);
    copy.drop_it()?;
    outcome
}

fn measure(world: &World, reps: &[Rep]) -> Outcome<()> {
    let owner = &world.owner_url;
    let rows = copy_out(owner, "COPY (SELECT * FROM retailers ORDER BY md5(uid)) TO STDOUT BINARY")?;
    let file = copy_out(owner, FILE)?;
    reads(world, reps, renamed(&file))?;

    query(
        owner,
        "TRUNCATE retailers, sales_rep_retailers, assignment_history, retailer_words, retailer_vocabulary, \
         retailer_changes, imports, import_rows, import_places, import_errors, changes, audit_logs",
    )?;
    query(owner, "VACUUM (ANALYZE)")?;
    query(owner, FLOOR)?;
    settle(owner);
    let started = Instant::now();
    copy_in(owner, "COPY floor FROM STDIN BINARY", rows)?;
    let floor = started.elapsed();
    query(owner, "DROP TABLE floor")?;
    let server = Server::haat(world, &[("HAAT_FILES", "target/haat-bench-files")])?;
    let office = Office::new(server.url.clone(), world.admin()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for what in ["import into an empty pool", "import of the same file again"] {
        settle(owner);
        let (took, import) = runtime.block_on(office.file(PATH, file.clone()))?;
        let count = |name| import.pointer(name).and_then(Value::as_i64).unwrap_or_default();
        let (created, unchanged) = (count("/rows/created"), count("/rows/unchanged"));
        let peak = server.peak_mib()?;
        let what = format!("{what}: {created} created, {unchanged} unchanged, {peak} MiB at most");
        let more = format!(", {:.1} s beside {:.1} s", took.as_secs_f64(), floor.as_secs_f64());
        let ratio = took.as_secs_f64() / floor.as_secs_f64();
        Line::at_most(&what, ratio, 2.0, "times the floor", &more).print();
    }
    Ok(())
}

/// Has what was written before reach the disk, which would be paid for by what comes next. PostgreSQL 14 lets nobody but a
/// superuser ask for that.
fn settle(owner: &str) {
    let _refused = query(owner, "CHECKPOINT");
}

/// What representatives wait for their shops, without and with an import beside them.
fn reads(world: &World, reps: &[Rep], file: Vec<u8>) -> Outcome<()> {
    let server = Server::haat(world, &[("HAAT_FILES", "target/haat-bench-files")])?;
    let office = Office::new(server.url.clone(), world.admin()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let reader = Reader { client: reqwest::Client::new(), url: format!("{}/retailers", server.url) };
        reader.load(reps, Duration::from_secs(3)).await?;
        let alone = reader.load(reps, Duration::from_secs(15)).await?;
        let importing = tokio::spawn(async move { office.file(PATH, file).await });
        // Until it writes shops, and then while it does.
        tokio::time::sleep(Duration::from_secs(20)).await;
        let beside = reader.load(reps, Duration::from_secs(30)).await?;
        if importing.is_finished() {
            return Err("the import was over before the load".into());
        }
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let more = format!(", p95 {:.2} ms beside {:.2} ms", ms(beside), ms(alone));
        let what = format!("GET /retailers, warm, {READS}/s, while {} shops are imported", world.retailers);
        Line::at_most(&what, ms(beside) / ms(alone), 2.0, "times that without", &more).print();
        importing.await??;
        Ok(())
    })
}

/// The same shops under other uids.
fn renamed(file: &[u8]) -> Vec<u8> {
    let mut lines = file.split_inclusive(|byte| *byte == b'\n');
    let mut renamed = lines.next().unwrap_or_default().to_vec();
    for line in lines {
        renamed.push(b'N');
        renamed.extend_from_slice(line);
    }
    renamed
}

struct Reader {
    client: reqwest::Client,
    url: String,
}

impl Reader {
    /// The 95th percentile of what a request takes from the moment it is due.
    async fn load(&self, reps: &[Rep], time: Duration) -> Outcome<Duration> {
        let (began, mut requests) = (Instant::now(), Vec::new());
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / READS);
        for rep in reps.iter().cycle() {
            let due = ticks.tick().await.into_std();
            if began.elapsed() >= time {
                break;
            }
            let request = self.client.get(&self.url).bearer_auth(&rep.token);
            requests.push(tokio::spawn(async move {
                let read = async { request.send().await?.error_for_status()?.bytes().await };
                read.await.map(|_| due.elapsed())
            }));
        }
        let mut times = Vec::with_capacity(requests.len());
        for request in requests {
            times.push(request.await??);
        }
        times.sort_unstable();
        Ok(times.get(times.len() * 95 / 100).copied().ok_or("no requests")?)
    }
}
