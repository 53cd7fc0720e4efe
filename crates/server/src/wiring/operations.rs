use haat_application::operations::{CheckReadiness, OperationsUseCases};
use haat_persistence_adapter::PgDatabase;

use super::SchemaCheck;

/// The use cases of operations.
pub(crate) fn operations(db: &PgDatabase, schema_check: &SchemaCheck) -> OperationsUseCases {
    OperationsUseCases { check_readiness: CheckReadiness::new(schema_check.probes(db)) }
}
