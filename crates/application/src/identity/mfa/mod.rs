//! The second factor: enrollment, login challenge, disabling and reset.

mod challenge;
mod disable;
mod enroll;
mod prove;
mod reset;
mod self_service;
#[cfg(test)]
mod testing;
mod verify;

pub use challenge::{AnswerChallenge, AnswerChallengeError, AnswerChallengeInput};
pub use disable::DisableMfa;
pub use enroll::EnrollMfa;
pub use reset::{ResetMfa, ResetMfaError};
pub use self_service::{SelfServiceMfa, SelfServiceMfaError};
pub use verify::{VerifiedMfa, VerifyMfa};
