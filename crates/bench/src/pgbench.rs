//! The performance of Postgres alone.

use std::process::Command;

use crate::Outcome;
use crate::dataset::Dataset;

/// The statements of a patch, in one transaction, written by hand and prepared.
const PATCH: &str = "\
\\set rep random(:first, :last)
\\set points random(1, 1000000)
BEGIN;
SELECT role FROM users WHERE tenant_id = 1 AND id = :rep AND state = 'active' AND token_version = 1 FOR SHARE;
SELECT r.id, r.version, r.points, r.routes, r.notes, a.assigned_at FROM sales_rep_retailers a \
JOIN retailers r ON r.tenant_id = a.tenant_id AND r.id = a.retailer_id \
WHERE a.tenant_id = 1 AND a.sales_rep_id = :rep AND r.deleted_at IS NULL ORDER BY a.name, a.uid LIMIT 1 \
FOR NO KEY UPDATE OF r FOR KEY SHARE OF a \\gset
UPDATE retailers SET points = :points, version = version + 1, updated_at = now() WHERE tenant_id = 1 AND id = :id \
RETURNING id, uid, name, phone, region_id, area_id, territory_id, distributor_id, points, routes, notes, updated_at, version;
INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, before, after, request_id) \
VALUES (1, now(), :rep, 'sales_rep', 'retailer.update', 'retailer', :id, jsonb_build_object('points', :points::int), \
jsonb_build_object('points', :points::int), 'bench');
INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES (1, 'retailer', :id, 'updated');
COMMIT;
";

/// Returns the transactions per second of a patch, with 8 clients and the role of the server.
pub(crate) fn patch(dataset: &Dataset, reps: (i64, i64), seconds: u32) -> Outcome<f64> {
    let script = std::env::temp_dir().join("haat-bench.sql");
    std::fs::write(&script, PATCH)?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", &seconds.to_string()])
        .args(["-D", &format!("first={}", reps.0), "-D", &format!("last={}", reps.1), "-f"])
        .arg(&script)
        .arg(&dataset.app_url)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let figure = line.and_then(|line| line.split(' ').next()).and_then(|figure| figure.parse().ok());
    figure.ok_or_else(|| format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into())
}
