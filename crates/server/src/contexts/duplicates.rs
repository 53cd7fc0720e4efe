use haat_application::duplicates::Duplicates;
use haat_http_core::{AppData, Context};

use super::Parts;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::duplicates::CONTEXT;

/// Builds the use case.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(Duplicates::new(parts.storage.maps.clone(), parts.storage.db.clone()))
}
