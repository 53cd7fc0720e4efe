//! The parts of a transaction that changes of every context need: the check of the caller, stored responses for
//! idempotent requests, the audit log and the jobs.

mod caller;
mod expected_versions;
mod stored_response;
mod tx;

pub use caller::{Caller, CallerCheck, CallerGuard};
pub use expected_versions::ExpectedVersions;
pub use stored_response::{
    Claim, IdempotencyKey, IdempotencyKeyError, IdempotentRequest, StoredResponse, StoredResponseWriter,
};
pub use tx::ChangeTx;

#[cfg(feature = "mock")]
pub use caller::MockCallerGuard;
#[cfg(feature = "mock")]
pub use stored_response::MockStoredResponseWriter;
