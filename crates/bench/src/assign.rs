//! Who serves which shop: a representative's worth, ten thousand, and a nation.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;
use crate::haat::Server;
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
        let office = Office { client: reqwest::Client::new(), url: server.url.clone(), token };
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
            let took = office.file(file.clone()).await?;
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

struct Office {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Office {
    async fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let mut body = body.clone();
        if path.ends_with("unassign")
            && let Some(members) = body.as_object_mut()
        {
            members.remove("force");
        }
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let response = request.send().await?;
        if !response.status().is_success() {
            return Err(response.text().await?.into());
        }
        Ok(response.json().await?)
    }

    /// Sends a file and waits until it has been carried out.
    async fn file(&self, file: String) -> Outcome<Duration> {
        let started = Instant::now();
        let url = format!("{}/admin/assignments/bulk?force=true&reason=bench", self.url);
        let request = self.client.post(url).bearer_auth(&self.token).header("content-type", "text/csv");
        let job: Value = request.body(file).send().await?.error_for_status()?.json().await?;
        let id = job.get("id").ok_or("no job")?;
        let url = format!("{}/admin/assignments/jobs/{id}", self.url);
        loop {
            let request = self.client.get(&url).bearer_auth(&self.token);
            let job: Value = request.send().await?.error_for_status()?.json().await?;
            match job.get("state").and_then(Value::as_str) {
                Some("SUCCEEDED") => return Ok(started.elapsed()),
                Some("QUEUED" | "RUNNING") => tokio::time::sleep(Duration::from_millis(100)).await,
                _ => return Err(job.to_string().into()),
            }
        }
    }
}
