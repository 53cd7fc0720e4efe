//! The folded form of names, which is unique, for rows that have none yet.

use std::collections::HashSet;

use haat_domain::shared::fold;
use haat_persistence_core::bulk::{connect_raw, raw_failure};
use haat_persistence_core::{DatabaseConfig, MigrateError};
use tokio_postgres::Transaction;

/// A column of names.
struct Names {
    /// The entity of its rows, for the report.
    entity: &'static str,
    table: &'static str,
    column: &'static str,
    /// The column within whose value names are unique, besides the tenant.
    parent: Option<&'static str>,
    /// True if the folded form is unique. That of a name in Bangla or an alias only serves lookups.
    unique: bool,
}

const NAMES: [Names; 10] = [
    Names { entity: "region", table: "regions", column: "name", parent: None, unique: true },
    Names { entity: "area", table: "areas", column: "name", parent: Some("region_id"), unique: true },
    Names {
        entity: "territory",
        table: "territories",
        column: "name",
        parent: Some("area_id"),
        unique: true,
    },
    Names { entity: "distributor", table: "distributors", column: "name", parent: None, unique: true },
    Names { entity: "sales-rep", table: "sales_reps", column: "employee_code", parent: None, unique: true },
    Names { entity: "region", table: "regions", column: "name_bn", parent: None, unique: false },
    Names { entity: "area", table: "areas", column: "name_bn", parent: None, unique: false },
    Names { entity: "territory", table: "territories", column: "name_bn", parent: None, unique: false },
    Names { entity: "distributor", table: "distributors", column: "name_bn", parent: None, unique: false },
    Names { entity: "place-alias", table: "place_aliases", column: "alias", parent: None, unique: false },
];

/// The number of rows of an entity whose name an older row has in another spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameTwins {
    /// The entity.
    pub entity: &'static str,
    /// The number of rows.
    pub rows: usize,
}

/// A row with its folded name, and whether that is stored.
struct Row {
    tenant: i64,
    id: i64,
    parent: i64,
    folded: Option<String>,
    is_right: bool,
}

/// Fills the folded form of names, as the owner, where it is missing or outdated: after the migration that added it, and for rows
/// written by a server of the previous version. Of several rows with one folded name the oldest gets it. Returns the
/// entities that have such rows.
///
/// # Errors
/// [`MigrateError`]. Nothing is filled then.
pub async fn fill_unique_names(config: &DatabaseConfig) -> Result<Vec<NameTwins>, MigrateError> {
    let mut client = connect_raw(config).await?;
    let transaction = client.transaction().await.map_err(raw_failure)?;
    let mut twins = Vec::new();
    for names in &NAMES {
        let rows = names.fill(&transaction).await.map_err(raw_failure)?;
        if rows > 0 {
            twins.push(NameTwins { entity: names.entity, rows });
        }
    }
    let count = "SELECT count(*) FROM retailers WHERE uid_twin > 0";
    let row = transaction.query_one(count, &[]).await.map_err(raw_failure)?;
    transaction.commit().await.map_err(raw_failure)?;
    let rows = usize::try_from(row.get::<_, i64>(0)).unwrap_or_default();
    if rows > 0 {
        twins.push(NameTwins { entity: "retailer", rows });
    }
    Ok(twins)
}

impl Names {
    /// Returns the number of rows that stay without a folded form, because an older row has it.
    async fn fill(&self, transaction: &Transaction<'_>) -> Result<usize, tokio_postgres::Error> {
        let Self { table, column, .. } = self;
        let parent = self.parent.unwrap_or("0::bigint");
        // Writers wait, so that none takes a name in between. Readers do not.
        transaction.batch_execute(&format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")).await?;
        let rows = format!(
            "SELECT tenant_id, id, {parent}, {column}, {column}_key FROM {table} \
             WHERE {column} IS NOT NULL OR {column}_key IS NOT NULL ORDER BY id"
        );
        let rows = transaction.query(&rows, &[]).await?;
        let rows = rows.iter().map(|row| {
            let (name, key): (Option<String>, Option<String>) = (row.get(3), row.get(4));
            let folded = name.as_deref().map(fold);
            Row { tenant: row.get(0), id: row.get(1), parent: row.get(2), is_right: folded == key, folded }
        });
        // A server of the previous version renames without the folded form.
        let (right, wrong): (Vec<Row>, Vec<Row>) = rows.partition(|row| row.is_right);
        let mut taken: HashSet<(i64, i64, String)> = HashSet::new();
        if self.unique {
            taken.extend(right.into_iter().filter_map(|row| Some((row.tenant, row.parent, row.folded?))));
        }
        let (mut tenants, mut ids, mut keys, mut twins) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for Row { tenant, id, parent, folded, .. } in wrong {
            let is_free = |key: &String| !self.unique || taken.insert((tenant, parent, key.clone()));
            let is_named = folded.is_some();
            let key = folded.filter(is_free);
            twins += usize::from(is_named && key.is_none());
            tenants.push(tenant);
            ids.push(id);
            keys.push(key);
        }
        // Emptied first, so that two rows can exchange their names.
        let empty = format!(
            "UPDATE {table} AS t SET {column}_key = NULL FROM unnest($1::bigint[], $2::bigint[]) AS n (tenant, id) \
             WHERE t.tenant_id = n.tenant AND t.id = n.id AND {column}_key IS NOT NULL"
        );
        transaction.execute(&empty, &[&tenants, &ids]).await?;
        let update = format!(
            "UPDATE {table} AS t SET {column}_key = n.key \
             FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS n (tenant, id, key) \
             WHERE t.tenant_id = n.tenant AND t.id = n.id AND n.key IS NOT NULL"
        );
        transaction.execute(&update, &[&tenants, &ids, &keys]).await?;
        Ok(twins)
    }
}
