//! Assignments: of as many retailers as one sales rep has, of 10,000, and of all.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Outcome;
use crate::admin::AdminClient;
use crate::dataset::{Dataset, query};
use crate::haat::Server;
use crate::report::Line;

/// A copy of the table of active assignments, with every index and foreign key that it has in production.
const FLOOR: &str = "CREATE TABLE floor (LIKE sales_rep_retailers INCLUDING ALL); \
    ALTER TABLE floor ADD FOREIGN KEY (tenant_id, sales_rep_id) REFERENCES sales_reps (tenant_id, id), \
        ADD FOREIGN KEY (tenant_id, retailer_id) REFERENCES retailers (tenant_id, id), \
        ADD FOREIGN KEY (tenant_id, batch_id) REFERENCES batches (tenant_id, id)";

/// Measures on a copy of the dataset, which is dropped afterwards.
pub(crate) fn run(dataset: &Dataset) -> Outcome<()> {
    let copy = dataset.copy("assign")?;
    let outcome = measure(&copy);
    copy.drop_database()?;
    outcome
}

fn measure(dataset: &Dataset) -> Outcome<()> {
    let owner = &dataset.owner_url;
    let rows = query(
        owner,
        "SELECT r.uid, a.sales_rep_id::text FROM sales_rep_retailers AS a \
                             JOIN retailers AS r ON r.tenant_id = a.tenant_id AND r.id = a.retailer_id ORDER BY a.sales_rep_id, r.uid",
    )?;
    let pairs: Vec<(&str, i64)> =
        rows.iter().filter_map(|row| Some((row.first()?.as_str(), row.get(1)?.parse().ok()?))).collect();
    query(owner, FLOOR)?;
    let started = Instant::now();
    query(owner, "INSERT INTO floor SELECT * FROM sales_rep_retailers")?;
    let floor = started.elapsed();
    query(owner, "DROP TABLE floor; TRUNCATE sales_rep_retailers")?;
    query(owner, "VACUUM (ANALYZE) retailers")?;

    let server = Server::haat(dataset, &[("HAAT_FILES", "target/haat-bench-files")])?;
    let token = dataset.admin()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let admin = AdminClient::new(server.url.clone(), token);
        for count in [70, 10_000] {
            let sample = pairs.get(..count).ok_or("too few assignments")?;
            let body = bulk(sample);
            for (what, path, more) in [
                ("assign", "bulk", None),
                ("move existing assignments", "bulk", Some(("ifAssigned", "move"))),
                ("unassign", "bulk-unassign", None),
            ] {
                let mut body = body.clone();
                if let (Some((name, value)), Some(members)) = (more, body.as_object_mut()) {
                    members.insert(name.to_owned(), json!(value));
                }
                if what == "unassign"
                    && let Some(members) = body.as_object_mut()
                {
                    members.remove("force");
                }
                let started = Instant::now();
                admin.post(&format!("/admin/assignments/{path}"), &body).await?;
                let ms = started.elapsed().as_secs_f64() * 1e3;
                Line::at_most(&format!("{what}: {count} retailers in one call"), ms, 1_000.0, "ms", "")
                    .print();
            }
        }
        let mut file = "uid,sales_rep\n".to_owned();
        for (uid, rep) in &pairs {
            writeln!(file, "{uid},{rep}")?;
        }
        for what in ["assign by file", "the same file again"] {
            let path = "/admin/assignments/bulk?force=true&reason=bench";
            let (took, _) = admin.upload(path, file.clone().into_bytes()).await?;
            let what = format!("{what}: {} retailers, peak memory {} MiB", pairs.len(), server.peak_mib()?);
            Line::at_most(
                &what,
                took.as_secs_f64() / floor.as_secs_f64(),
                2.5,
                "times the floor",
                &format!(", {:.1} s, floor {:.1} s", took.as_secs_f64(), floor.as_secs_f64()),
            )
            .print();
        }
        Ok(())
    })
}

fn bulk(pairs: &[(&str, i64)]) -> Value {
    let mut groups: std::collections::BTreeMap<i64, Vec<&str>> = std::collections::BTreeMap::new();
    for (uid, rep) in pairs {
        groups.entry(*rep).or_default().push(uid);
    }
    let groups: Vec<Value> =
        groups.into_iter().map(|(rep, uids)| json!({"salesRep": rep, "retailers": uids})).collect();
    json!({"assignments": groups, "force": true, "reason": "bench"})
}
