//! Imports of a full pool from one file: into an empty pool, a second time, and while sales reps read.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;
use crate::admin::AdminClient;
use crate::dataset::{Dataset, Rep, copy_in, copy_out, query};
use crate::haat::Server;
use crate::paced::Paced;
use crate::report::Line;
use crate::requests::lists;

/// A copy of the table of the pool, with every index and foreign key that it has in production.
const FLOOR: &str = "CREATE TABLE floor (LIKE retailers INCLUDING ALL); \
    ALTER TABLE floor ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id), \
        ADD FOREIGN KEY (tenant_id, territory_id, area_id) REFERENCES territories (tenant_id, id, area_id), \
        ADD FOREIGN KEY (tenant_id, area_id, region_id) REFERENCES areas (tenant_id, id, region_id), \
        ADD FOREIGN KEY (tenant_id, distributor_id) REFERENCES distributors (tenant_id, id)";

/// Exports the pool as an import file.
const FILE: &str = "COPY (SELECT r.uid, r.name, r.phone, g.name AS region, a.name AS area, t.name AS territory, \
    d.name AS distributor, r.points, array_to_string(r.routes, ';') AS routes, r.notes FROM retailers AS r \
    JOIN regions AS g ON g.tenant_id = r.tenant_id AND g.id = r.region_id \
    JOIN areas AS a ON a.tenant_id = r.tenant_id AND a.id = r.area_id \
    JOIN territories AS t ON t.tenant_id = r.tenant_id AND t.id = r.territory_id \
    LEFT JOIN distributors AS d ON d.tenant_id = r.tenant_id AND d.id = r.distributor_id \
    ORDER BY md5(r.uid)) TO STDOUT (FORMAT csv, HEADER)";

/// The path for import files.
const PATH: &str = "/admin/retailers/import";

/// The requests per second of sales reps, regardless of the duration of each.
const READS: u32 = 1_000;

/// Measures on a copy of the dataset, which is dropped afterwards.
pub(crate) fn run(dataset: &Dataset, reps: &[Rep]) -> Outcome<()> {
    let copy = dataset.copy("import")?;
    let outcome = measure(&copy, reps);
    copy.drop_database()?;
    outcome
}

fn measure(dataset: &Dataset, reps: &[Rep]) -> Outcome<()> {
    let owner = &dataset.owner_url;
    let rows = copy_out(owner, "COPY (SELECT * FROM retailers ORDER BY md5(uid)) TO STDOUT BINARY")?;
    let file = copy_out(owner, FILE)?;
    reads(dataset, reps, renamed(&file))?;

    query(
        owner,
        "TRUNCATE retailers, sales_rep_retailers, assignment_history, retailer_words, retailer_vocabulary, \
         retailer_pairs, retailer_pair_vocabulary, retailer_changes, imports, import_rows, import_places, import_errors, changes, audit_logs",
    )?;
    query(owner, "VACUUM (ANALYZE)")?;
    query(owner, FLOOR)?;
    settle(owner);
    let started = Instant::now();
    copy_in(owner, "COPY floor FROM STDIN BINARY", rows)?;
    let floor = started.elapsed();
    query(owner, "DROP TABLE floor")?;
    let server = Server::haat(dataset, &[("HAAT_FILES", "target/haat-bench-files")])?;
    let admin = AdminClient::new(server.url.clone(), dataset.admin()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for what in ["import into an empty pool", "import of the same file again"] {
        settle(owner);
        let (took, import) = runtime.block_on(admin.upload(PATH, file.clone()))?;
        let count = |name| import.pointer(name).and_then(Value::as_i64).unwrap_or_default();
        let (created, unchanged) = (count("/rows/created"), count("/rows/unchanged"));
        let peak = server.peak_mib()?;
        let what = format!("{what}: {created} created, {unchanged} unchanged, peak memory {peak} MiB");
        let more = format!(", {:.1} s, floor {:.1} s", took.as_secs_f64(), floor.as_secs_f64());
        let ratio = took.as_secs_f64() / floor.as_secs_f64();
        Line::at_most(&what, ratio, 2.0, "times the floor", &more).print();
    }
    Ok(())
}

/// Flushes earlier writes to disk, so that they do not slow down the next measurement. PostgreSQL 14 permits
/// this only to superusers.
fn settle(owner: &str) {
    let _refused = query(owner, "CHECKPOINT");
}

/// Measures how long sales reps wait for their retailers, without and during an import.
fn reads(dataset: &Dataset, reps: &[Rep], file: Vec<u8>) -> Outcome<()> {
    let server = Server::haat(dataset, &[("HAAT_FILES", "target/haat-bench-files")])?;
    let admin = AdminClient::new(server.url.clone(), dataset.admin()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (reader, lists) = (Paced::new(&server.url, READS), lists(reps, ""));
        reader.p95(&lists, Duration::from_secs(3)).await?;
        let baseline = reader.p95(&lists, Duration::from_secs(15)).await?;
        let importing = tokio::spawn(async move { admin.upload(PATH, file).await });
        // Wait until the import writes retailers, and measure while it does.
        tokio::time::sleep(Duration::from_secs(20)).await;
        let during = reader.p95(&lists, Duration::from_secs(30)).await?;
        if importing.is_finished() {
            return Err("the import ended before the load".into());
        }
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let more = format!(", p95 {:.2} ms, without import {:.2} ms", ms(during), ms(baseline));
        let what =
            format!("GET /retailers, warm, {READS}/s, while {} retailers are imported", dataset.retailers);
        Line::at_most(&what, ms(during) / ms(baseline), 2.0, "times the latency without import", &more)
            .print();
        importing.await??;
        Ok(())
    })
}

/// Returns the same retailers with other uids.
fn renamed(file: &[u8]) -> Vec<u8> {
    let mut lines = file.split_inclusive(|byte| *byte == b'\n');
    let mut renamed = lines.next().unwrap_or_default().to_vec();
    for line in lines {
        renamed.push(b'N');
        renamed.extend_from_slice(line);
    }
    renamed
}
