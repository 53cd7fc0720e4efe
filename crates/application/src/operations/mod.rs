//! What an operator's machines ask of the server.

mod check_readiness;

pub use check_readiness::{CheckReadiness, ProbeFailure};

/// The use cases that answer HTTP requests.
pub struct OperationsApi {
    /// `GET /health` and `GET /health/ready`.
    pub check_readiness: CheckReadiness,
}
