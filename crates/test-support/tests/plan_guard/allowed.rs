//! Statements that may read the rows of all tenants.

/// A permitted scan.
pub(crate) struct Allowed {
    /// The scanned table.
    pub(crate) table: &'static str,
    /// A part of the statement.
    pub(crate) statement: &'static str,
    /// The reason, for readers.
    #[expect(dead_code, reason = "documentation")]
    pub(crate) reason: &'static str,
}

/// All permitted scans. An entry that permits nothing fails the check.
pub(crate) const ALLOWED: &[Allowed] = &[
    Allowed {
        table: "changes",
        statement: "no transaction from this id on was visible at the previous poll",
        reason: "one poll of the change feed serves the caches of all tenants",
    },
    Allowed {
        table: "changes",
        statement: "SELECT max(tx_id) FROM (SELECT tx_id, created_at, row_number()",
        reason: "the place in the change feed from which a new process polls for the caches of all tenants",
    },
    Allowed {
        table: "tenants",
        statement: "SELECT feed_epoch FROM tenants WHERE kind = 'platform'",
        reason: "the epoch of the change feed is that of the platform tenant, whose id differs between databases",
    },
    Allowed {
        table: "tenants",
        statement: r#"SELECT "tenants"."id" FROM "tenants" ORDER BY "tenants"."id""#,
        reason: "haat migrate computes the sounds of words for one tenant after the other",
    },
    Allowed {
        table: "user_roles",
        statement: "UPDATE sales_reps AS s SET active = NOT s.active",
        reason: "EXISTS as a hash table: its key has the tenant, and plans do not show it",
    },
    Allowed {
        table: "jobs",
        statement: "seconds without a heartbeat after which a running job may be taken over",
        reason: "a worker takes the next job of any tenant",
    },
];
