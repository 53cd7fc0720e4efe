//! The second factor: enrollment, login challenge and disabling.

mod challenge;
mod disable;
mod enroll;
mod prove;
mod self_service;
#[cfg(test)]
mod testing;
mod verify;

pub use challenge::{AnswerChallenge, AnswerChallengeError, AnswerChallengeInput};
pub use disable::DisableMfa;
pub use enroll::EnrollMfa;
pub use self_service::{SelfServiceMfa, SelfServiceMfaError};
pub use verify::{VerifiedMfa, VerifyMfa};
