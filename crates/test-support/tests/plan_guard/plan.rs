//! The scans of a plan, and the tables among them that are not limited to a tenant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::condition::{Side, equalities};

/// A scan of a table that is not limited to a tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unlimited {
    /// The table.
    pub(crate) table: String,
    /// The scan and its conditions, for the message.
    pub(crate) scan: String,
}

/// The aliases that a condition limits: `limited` has the tenant of `by`, or of a parameter.
struct Limit {
    limited: String,
    by: Option<String>,
}

/// The tables of a plan, and the conditions on their tenants.
#[derive(Default)]
struct Scans {
    /// Scanned tables by alias, with the scan for the message.
    tables: BTreeMap<String, Unlimited>,
    /// Equalities of tenants. Sides are aliases with columns.
    equalities: Vec<Limit>,
}

/// Returns the scans of a plan that are not limited to a tenant.
///
/// A table is limited if a condition of its scan or of a join above it equates its tenant with a value, or with the tenant of a
/// table that is limited itself. Two tables that are only compared with each other are both unlimited.
pub(crate) fn unlimited(plan: &Value) -> Vec<Unlimited> {
    let mut scans = Scans::default();
    tables(plan, &mut scans.tables);
    limits(plan, &mut scans);
    let mut limited = BTreeSet::new();
    loop {
        let before = limited.len();
        for Limit { limited: alias, by } in &scans.equalities {
            let is_limited = by.as_ref().is_none_or(|by| limited.contains(by));
            if is_limited {
                limited.insert(alias.clone());
            }
        }
        if limited.len() == before {
            break;
        }
    }
    scans.tables.retain(|alias, _| !limited.contains(alias));
    scans.tables.into_values().collect()
}

/// Returns the columns that identify the tenant of a row. Every table but `tenants` has the column `tenant_id` (tests of the
/// catalogue). A condition on `kind` selects the one platform tenant.
fn tenant_columns(table: &str) -> &'static [&'static str] {
    if table == "tenants" { &["id", "slug", "kind"] } else { &["tenant_id"] }
}

fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Value::as_str)
}

fn children(node: &Value) -> &[Value] {
    node.get("Plans").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the table that a node scans, unless it has no rows of tenants. `ModifyTable` names the table that it changes: the scan is below it.
fn scanned(node: &Value) -> Option<&str> {
    let table = text(node, "Relation Name")?;
    let is_scan = text(node, "Node Type") != Some("ModifyTable");
    let has_tenant = !table.starts_with("pg_") && table != "__diesel_schema_migrations";
    (is_scan && has_tenant).then_some(table)
}

fn tables(node: &Value, into: &mut BTreeMap<String, Unlimited>) {
    if let (Some(table), Some(alias)) = (scanned(node), text(node, "Alias")) {
        let conditions: Vec<_> = conditions(node).collect();
        let kind = text(node, "Node Type").unwrap_or_default();
        let scan = format!("{kind} on {table} {alias}: {}", conditions.join(" and "));
        into.insert(alias.to_owned(), Unlimited { table: table.to_owned(), scan });
    }
    for child in children(node) {
        tables(child, into);
    }
}

/// Returns the conditions that every row of a scan meets. A bitmap scan repeats those of its indexes as `Recheck Cond`.
fn conditions(scan: &Value) -> impl Iterator<Item = &str> {
    ["Index Cond", "Recheck Cond", "TID Cond", "Filter"].iter().filter_map(|key| text(scan, key))
}

fn limits(node: &Value, scans: &mut Scans) {
    if let (Some(_), Some(alias)) = (scanned(node), text(node, "Alias")) {
        for condition in conditions(node) {
            add(condition, Some(alias), &|_| true, scans);
        }
    }
    if let (Some(kind), [outer, inner]) = (text(node, "Join Type"), joined(node).as_slice()) {
        // Every row of the side that an outer join preserves is in the result, whatever the condition.
        let (limits_outer, limits_inner) = match kind {
            "Left" | "Anti" => (false, true),
            "Right" | "Right Anti" => (true, false),
            "Full" => (false, false),
            _ => (true, true),
        };
        let (mut outer_tables, mut inner_tables) = (BTreeMap::new(), BTreeMap::new());
        tables(outer, &mut outer_tables);
        tables(inner, &mut inner_tables);
        let is_limited = |alias: &str| {
            (limits_outer && outer_tables.contains_key(alias))
                || (limits_inner && inner_tables.contains_key(alias))
        };
        for key in ["Hash Cond", "Merge Cond", "Join Filter"] {
            if let Some(condition) = text(node, key) {
                add(condition, None, &is_limited, scans);
            }
        }
    }
    for child in children(node) {
        limits(child, scans);
    }
}

/// Returns the two sides of a join; sub-plans of its conditions are children too.
fn joined(join: &Value) -> Vec<&Value> {
    let is_side = |child: &&Value| matches!(text(child, "Parent Relationship"), Some("Outer" | "Inner"));
    children(join).iter().filter(is_side).collect()
}

/// Adds the equalities of tenants in a condition. `own` is the alias of columns without one.
fn add(condition: &str, own: Option<&str>, is_limited: &dyn Fn(&str) -> bool, scans: &mut Scans) {
    for (left, right) in equalities(condition) {
        for (limited, by) in [(left, right), (right, left)] {
            let Some((alias, column)) = column_of(limited, own) else { continue };
            let Some(table) = scans.tables.get(alias) else { continue };
            if !tenant_columns(&table.table).contains(&column) || !is_limited(alias) {
                continue;
            }
            let by = match column_of(by, own) {
                // A column of a CTE, a function or a list of values: their own scans are checked.
                Some((other, column)) => match scans.tables.get(other) {
                    Some(table) if tenant_columns(&table.table).contains(&column) => Some(other.to_owned()),
                    Some(_) => continue,
                    None => None,
                },
                None => None,
            };
            let limit = Limit { limited: alias.to_owned(), by };
            scans.equalities.push(limit);
        }
    }
}

fn column_of<'a>(side: Side<'a>, own: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    match side {
        Side::Own(column) => Some((own?, column)),
        Side::Other(alias, column) => Some((alias, column)),
        Side::Value => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tables_of(plan: &Value) -> Vec<String> {
        unlimited(plan).into_iter().map(|scan| scan.table).collect()
    }

    fn scan(table: &str, condition: &str) -> Value {
        json!({"Node Type": "Index Scan", "Relation Name": table, "Alias": &table[..1], "Index Cond": condition})
    }

    fn join(kind: &str, condition: &str, outer: Value, inner: Value) -> Value {
        let side = |mut plan: Value, name: &str| {
            plan["Parent Relationship"] = name.into();
            plan
        };
        json!({"Node Type": "Hash Join", "Join Type": kind, "Hash Cond": condition,
            "Plans": [side(outer, "Outer"), side(inner, "Inner")]})
    }

    #[test]
    fn scans_need_a_condition_on_the_tenant() {
        assert!(tables_of(&scan("users", "((tenant_id = $1) AND (id = $2))")).is_empty());
        assert_eq!(tables_of(&scan("users", "(id = $2)")), ["users"]);
        assert_eq!(tables_of(&scan("users", "((tenant_id = $1) OR (id = $2))")), ["users"]);
        assert_eq!(tables_of(&scan("users", "(u.id = tenant_id)")), ["users"], "not a tenant");
        assert!(tables_of(&scan("tenants", "(id = $1)")).is_empty());
        assert_eq!(tables_of(&scan("tenants", "(state = 'active'::text)")), ["tenants"]);
        assert!(tables_of(&scan("pg_class", "(oid = 1)")).is_empty());
        let seq = json!({"Node Type": "Seq Scan", "Relation Name": "jobs", "Alias": "jobs"});
        assert_eq!(tables_of(&json!({"Node Type": "Limit", "Plans": [seq]})), ["jobs"]);
    }

    #[test]
    fn a_change_needs_its_condition_in_the_scan_below_it() {
        let change = |below: Value| {
            json!({"Node Type": "ModifyTable", "Operation": "Update", "Relation Name": "users",
            "Alias": "users", "Plans": [below]})
        };
        assert!(tables_of(&change(scan("users", "(tenant_id = $1)"))).is_empty());
        assert_eq!(tables_of(&change(scan("users", "(id = $1)"))), ["users"]);
        assert!(tables_of(&change(json!({"Node Type": "Result"}))).is_empty(), "INSERT … VALUES");
    }

    #[test]
    fn joins_pass_the_tenant_on() {
        let pair = "(u.tenant_id = r.tenant_id)";
        let (users, retailers) = (scan("users", "(id = $1)"), scan("retailers", "(tenant_id = $1)"));
        assert!(tables_of(&join("Inner", pair, users.clone(), retailers.clone())).is_empty());
        assert!(tables_of(&join("Semi", pair, retailers.clone(), users.clone())).is_empty());
        let other = scan("retailers", "(id = 1)");
        assert_eq!(
            tables_of(&join("Inner", pair, users.clone(), other)),
            ["retailers", "users"],
            "compared with each other only"
        );
        // A nested loop has the condition in the scan of its inner side.
        let inner = scan("users", "((tenant_id = r.tenant_id) AND (id = r.user_id))");
        assert!(tables_of(&join("Inner", "true", retailers.clone(), inner.clone())).is_empty());
        assert_eq!(tables_of(&inner), Vec::<String>::new(), "`r` is no table of this plan");
    }

    #[test]
    fn outer_joins_limit_only_one_side() {
        let pair = "(u.tenant_id = r.tenant_id)";
        let (users, retailers) = (scan("users", "(id = $1)"), scan("retailers", "(tenant_id = $1)"));
        for (kind, outer, inner, expected) in [
            ("Left", &retailers, &users, vec![]),
            ("Left", &users, &retailers, vec!["users"]),
            ("Anti", &users, &retailers, vec!["users"]),
            ("Right", &users, &retailers, vec![]),
            ("Right", &retailers, &users, vec!["users"]),
            ("Full", &retailers, &users, vec!["users"]),
        ] {
            assert_eq!(tables_of(&join(kind, pair, outer.clone(), inner.clone())), expected, "{kind}");
        }
    }

    #[test]
    fn conditions_of_sub_queries_count() {
        let mut staged = scan("import_rows", "(tenant_id = $1)");
        staged["Parent Relationship"] = "InitPlan".into();
        let mut plan = scan("retailers", "(tenant_id = staged.tenant_id)");
        plan["Plans"] = json!([staged]);
        assert!(tables_of(&plan).is_empty());
    }
}
