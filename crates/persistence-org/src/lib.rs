//! The contexts of the organisation on PostgreSQL: tenants, users, sales reps and teams. Each context is a folder with its rows,
//! readers and writers. [`OrgDatabase`] implements their readers and opens their transactions.

mod activity;
mod people;
mod schema;
mod shared;
mod team;
mod tenancy;

use haat_persistence_core::RetainedRows;

haat_persistence_core::group! {
    /// PostgreSQL for the contexts of the organisation. Cheap to clone.
    pub struct OrgDatabase over haat_persistence_adapter::PgDatabase;

    /// An open transaction. It can also change the credentials of users, which belong to the group that it wraps.
    pub struct OrgTx over haat_persistence_adapter::PgTx;
}

/// The rows of the contexts of this crate that end at an age.
pub static RETAINED: [&RetainedRows; 2] = [&people::ONE_TIME_PASSWORDS, &activity::ACTIVITY];
