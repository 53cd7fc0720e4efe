use haat_application::operations::{CheckReadiness, OperationsApi};
use haat_persistence_adapter::PgDatabase;

use super::Fitness;

/// The use cases of operations.
pub(crate) fn operations(db: &PgDatabase, fitness: &Fitness) -> OperationsApi {
    OperationsApi { check_readiness: CheckReadiness::new(fitness.probes(db)) }
}
