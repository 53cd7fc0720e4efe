//! Types that all contexts share: ids, roles, scopes, pages, searches, time, transactions and storage failures.
//! Uses no context.

mod clock;
mod csv;
mod field_rule;
mod files;
mod ids;
mod name_key;
mod number_value;
mod page;
mod phone;
mod probe;
mod role;
mod scope;
mod search;
mod sound;
mod storage;
mod targets;
mod text;
mod text_value;
mod time_zone;
mod tx;
mod words;

pub use clock::{Clock, IdGenerator};
pub use csv::{csv_cell, csv_list, csv_number, csv_value};
pub use field_rule::{FieldRule, bangla_digits};
pub use files::{FileReader, FileStore, FileWriter};
pub(crate) use ids::ids;
pub use ids::{
    AreaId, BatchId, DistributorId, JobId, RegionId, RetailerId, SessionId, TeamId, TenantId, TerritoryId,
    UserId,
};
pub use name_key::NameKey;
pub use number_value::NumberValue;
pub use page::{Limit, LimitError, Page, PageRequest};
pub use phone::{Phone, PhoneError};
pub use probe::Probe;
pub use role::{GrantKind, Role, TargetKind};
pub use scope::Scope;
pub use search::{SearchMatch, SearchMatcher, SearchText, SearchWord, fold, sound_digests};
pub use sound::sound;
pub use storage::StorageFailure;
pub use targets::Targets;
pub use text::{TextError, multi_line, single_line};
pub use text_value::TextValue;
pub(crate) use text_value::{line_value, text_value};
pub use time_zone::{TimeZone, TimeZoneError};
pub use tx::{BeginTransaction, Transaction};
pub(crate) use words::words;

pub(crate) use text::{fold_char, is_visible, nfc};

#[cfg(feature = "mock")]
pub use clock::{MockClock, MockIdGenerator};
#[cfg(feature = "mock")]
pub use probe::MockProbe;
