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
        table: "tenants",
        statement: "-- Result: tenants by short name.",
        reason: "a super admin lists all tenants",
    },
    Allowed {
        table: "jobs",
        statement: "Result: the job claimed, if any",
        reason: "a worker claims the next job of any tenant",
    },
    Allowed {
        table: "tenants",
        statement: "Result: the job claimed, if any",
        reason: "a worker claims only jobs of active tenants",
    },
    Allowed {
        table: "jobs",
        statement: "Result: a queued job that is to be cancelled, if any",
        reason: "a worker cancels the jobs of any tenant",
    },
    Allowed {
        table: "jobs",
        statement: "seconds without a heartbeat after which a running job returns to the queue",
        reason: "a worker recovers the jobs of any tenant",
    },
    Allowed {
        table: "jobs",
        statement: "the seconds since the oldest queued one was due",
        reason: "the metrics of a process cover all tenants",
    },
    Allowed {
        table: "tenants",
        statement: "the seconds since the oldest queued one was due",
        reason: "the metrics of a process cover all tenants",
    },
    Allowed {
        table: "batches",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "changes",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "idempotency_keys",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "imports",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "jobs",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "password_files",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "sessions",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "user_activity",
        statement: "< haat_now() - $1 * interval '1 second' AND ",
        reason: "old rows of all tenants are deleted together",
    },
    Allowed {
        table: "schedules",
        statement: "-- Result: schedules whose next slot has come",
        reason: "a process looks at the schedules of all tenants",
    },
    Allowed {
        table: "schedules",
        statement: "-- Result: the names of added rows.",
        reason: "new schedules are added for all tenants",
    },
    Allowed {
        table: "schedules",
        statement: "-- Result: the names of late schedules",
        reason: "the metrics of a process cover all tenants",
    },
    Allowed {
        table: "tenants",
        statement: "-- Result: schedules whose next slot has come",
        reason: "a process looks at the schedules of all tenants",
    },
    Allowed {
        table: "tenants",
        statement: "-- Result: the names of added rows.",
        reason: "new schedules are added for all tenants",
    },
    Allowed {
        table: "tenants",
        statement: "-- Result: the names of late schedules",
        reason: "the metrics of a process cover all tenants",
    },
];

/// Statements with `EXISTS` that the planner may execute with a hash table, whose key has the tenant: plans do not show it. Each
/// entry has the condition itself, so it permits nothing without it. The planner decides, so an entry need not be used.
pub(crate) const HASHED: &[Allowed] = &[Allowed {
    table: "user_roles",
    statement: "r.tenant_id = c.tenant_id AND r.user_id = c.user_id AND r.role = 'sales_rep'",
    reason: "a trigger asks whether a user is still a sales rep",
}];
