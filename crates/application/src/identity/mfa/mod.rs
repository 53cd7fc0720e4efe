//! The second factor: setting it up, asking for it at a login, and taking it away.

mod challenge;
mod disable;
mod enroll;
mod own;
mod prove;
mod reset;
#[cfg(test)]
mod testing;
mod verify;

pub use challenge::{AnswerChallenge, AnswerChallengeError, AnswerChallengeInput};
pub use disable::DisableMfa;
pub use enroll::EnrollMfa;
pub use own::{OwnFactor, OwnFactorError};
pub use reset::{ResetMfa, ResetMfaError};
pub use verify::{VerifiedMfa, VerifyMfa};
