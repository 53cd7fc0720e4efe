//! Who served which shop when.

use chrono::{DateTime, NaiveDate, Utc};

use crate::shared::{BatchId, UserId};

/// At which time somebody served a shop. Days are those of the tenant's time zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// Ever.
    #[default]
    Ever,
    /// At this instant.
    At(DateTime<Utc>),
    /// As this day began.
    StartOf(NaiveDate),
    /// At any time of this day.
    During(NaiveDate),
}

/// A time during which a representative served a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Who.
    pub rep: (UserId, String, String),
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; none: they still do.
    pub until: Option<DateTime<Utc>>,
    /// Who gave it to them.
    pub assigned_by: Option<UserId>,
    /// In which batch.
    pub batch: Option<BatchId>,
    /// Who ended it.
    pub ended_by: Option<UserId>,
    /// In which batch.
    pub end_batch: Option<BatchId>,
    /// Why.
    pub end_reason: Option<String>,
}

/// Where a [`Span`] stands in a list of them: latest first.
pub type SpanKey = (DateTime<Utc>, UserId);
