//! Health checks for the operator's infrastructure.

mod check_readiness;

pub use check_readiness::{CheckReadiness, ProbeFailure};

/// The use cases behind the HTTP routes.
pub struct OperationsUseCases {
    /// `GET /health` and `GET /health/ready`.
    pub check_readiness: CheckReadiness,
}
