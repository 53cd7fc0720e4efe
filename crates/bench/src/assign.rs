//! Who serves which shop: a representative's worth, ten thousand, and a nation.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Outcome;
use crate::haat::Server;
use crate::office::Office;
use crate::report::Line;
use crate::world::{World, query};

/// The live assignments once more, with every index and foreign key that they have in production.
const FLOOR: &str = "CREATE TABLE floor (LIKE sales_rep_retailers INCLUDING ALL); \
    ALTER TABLE floor ADD FOREIGN KEY (tenant_id, sales_rep_id) REFERENCES sales_reps (tenant_id, id), \
        ADD FOREIGN KEY (tenant_id, retailer_id) REFERENCES retailers (tenant_id, id), \
        ADD FOREIGN KEY (tenant_id, batch_id) REFERENCES batches (tenant_id, id)";

/// Measures on a copy of the world, which is dropped afterwards.
pub(crate) fn run(world: &World) -> Outcome<()> {
    let copy = world.copy("assign")?;
    let outcome = measure(&copy);
    copy.drop_it()?;
    outcome
}

fn measure(world: &World) -> Outcome<()> {
    let owner = &world.owner_url;
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

    let server = Server::haat(world, &[("HAAT_FILES", "target/haat-bench-files")])?;
    let token = world.admin()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let office = Office::new(server.url.clone(), token);
        for count in [70, 10_000] {
            let some = pairs.get(..count).ok_or("too few assignments")?;
            let body = bulk(some);
            for (what, path, more) in [
                ("assign", "bulk", None),
                ("move what is there", "bulk", Some(("ifAssigned", "move"))),
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
                office.post(&format!("/admin/assignments/{path}"), &body).await?;
                let ms = started.elapsed().as_secs_f64() * 1e3;
                Line::at_most(&format!("{what}: {count} shops in one call"), ms, 1_000.0, "ms", "").print();
            }
        }
        let mut file = "uid,sales_rep\n".to_owned();
        for (uid, rep) in &pairs {
            writeln!(file, "{uid},{rep}")?;
        }
        for what in ["assign by file", "the same file again"] {
            let path = "/admin/assignments/bulk?force=true&reason=bench";
            let (took, _) = office.file(path, file.clone().into_bytes()).await?;
            let what = format!("{what}: {} shops, {} MiB at most", pairs.len(), server.peak_mib()?);
            Line::at_most(
                &what,
                took.as_secs_f64() / floor.as_secs_f64(),
                2.5,
                "times the floor",
                &format!(", {:.1} s beside {:.1} s", took.as_secs_f64(), floor.as_secs_f64()),
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
