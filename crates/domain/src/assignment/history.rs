//! The history of assignments.

use chrono::{DateTime, NaiveDate, Utc};

use crate::shared::{BatchId, RetailerId, UserId};

/// The time for which assignment periods are selected. Days are days in the tenant's time zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// Any time.
    #[default]
    Ever,
    /// This instant.
    At(DateTime<Utc>),
    /// The start of this day.
    StartOf(NaiveDate),
    /// Any time of this day.
    During(NaiveDate),
}

/// An assignment period: a time during which a sales rep served a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The sales rep, by id, username and name.
    pub rep: (UserId, String, String),
    /// The start.
    pub from: DateTime<Utc>,
    /// The end; `None` if the assignment is active.
    pub until: Option<DateTime<Utc>>,
    /// The user who assigned the retailer.
    pub assigned_by: Option<UserId>,
    /// The batch that started the period.
    pub batch: Option<BatchId>,
    /// The user who ended the period.
    pub ended_by: Option<UserId>,
    /// The batch that ended the period.
    pub end_batch: Option<BatchId>,
    /// The reason for the end.
    pub end_reason: Option<String>,
}

/// A time span to which lists are restricted: from the first moment until before the second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interval {
    /// The start, inclusive; `None` for the beginning of time.
    pub from: Option<DateTime<Utc>>,
    /// The end, exclusive; `None` for the end of time.
    pub to: Option<DateTime<Utc>>,
}

/// An assignment period of a sales rep: a time during which the sales rep served a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepSpan {
    /// The internal id of the retailer.
    pub retailer: RetailerId,
    /// The uid of the retailer.
    pub uid: String,
    /// The present name of the retailer, which may be deleted.
    pub name: String,
    /// The start.
    pub from: DateTime<Utc>,
    /// The end; `None` if the assignment is active.
    pub until: Option<DateTime<Utc>>,
    /// The batch that started the period.
    pub batch: Option<BatchId>,
    /// The batch that ended the period.
    pub end_batch: Option<BatchId>,
    /// The reason for the end.
    pub end_reason: Option<String>,
}

/// The position of a [`RepSpan`] in a list, latest first.
pub type RepSpanKey = (DateTime<Utc>, RetailerId);

/// The position of a [`Span`] in a list, latest first.
pub type SpanKey = (DateTime<Utc>, UserId);
