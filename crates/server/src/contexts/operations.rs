use haat_application::operations::{CheckReadiness, OperationsUseCases};
use haat_http_core::{AppData, Context};
use haat_persistence_adapter::PgDatabase;

use super::Parts;
use crate::wiring::SchemaCheck;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::operations::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(operations(&parts.storage.db, parts.schema_check))
}

/// The use cases of operations.
fn operations(db: &PgDatabase, schema_check: &SchemaCheck) -> OperationsUseCases {
    OperationsUseCases { check_readiness: CheckReadiness::new(schema_check.probes(db)) }
}
