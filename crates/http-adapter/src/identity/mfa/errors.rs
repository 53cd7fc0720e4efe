use haat_application::identity::{AnswerChallengeError, OwnFactorError, ResetMfaError};
use haat_domain::identity::FactorFailure;

use crate::identity::errors::too_many_failures;
use crate::shared::{Code, Problem, Text};

impl From<AnswerChallengeError> for Problem {
    fn from(error: AnswerChallengeError) -> Self {
        match error {
            AnswerChallengeError::Invalid => Self::new(Code::InvalidMfaToken),
            AnswerChallengeError::WrongCode => Self::new(Code::WrongFactor),
            AnswerChallengeError::TooManyFailures(wait) => too_many_failures(wait),
            AnswerChallengeError::Factor(failure) => failure.into(),
            AnswerChallengeError::Issue(error) => error.into(),
            AnswerChallengeError::Storage(failure) => failure.into(),
        }
    }
}

impl From<OwnFactorError> for Problem {
    fn from(error: OwnFactorError) -> Self {
        match error {
            OwnFactorError::CallerEnded => Self::new(Code::EndedToken),
            OwnFactorError::IsOn => Self::new(Code::MfaEnabled),
            OwnFactorError::IsOff => Self::new(Code::MfaNotEnabled),
            OwnFactorError::Password(error) => (error, "password").into(),
            OwnFactorError::WrongCode => Self::invalid_field(
                "code",
                "wrong",
                Text::new("is not the code, or was used before", "সঠিক কোড নয়, বা আগে ব্যবহৃত হয়েছে"),
            ),
            OwnFactorError::TooManyFailures(wait) => too_many_failures(wait),
            OwnFactorError::Factor(failure) => failure.into(),
            OwnFactorError::Issue(error) => error.into(),
            OwnFactorError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ResetMfaError> for Problem {
    fn from(error: ResetMfaError) -> Self {
        match error {
            ResetMfaError::Change(error) => error.into(),
            ResetMfaError::NotFound => Self::new(Code::NotFound),
            ResetMfaError::Yourself => Self::new(Code::Yourself).detail(
                "turn your own second factor off at /auth/mfa/disable",
                "নিজেরটি /auth/mfa/disable ঠিকানায় বন্ধ করুন",
            ),
        }
    }
}

impl From<FactorFailure> for Problem {
    fn from(failure: FactorFailure) -> Self {
        match failure {
            FactorFailure::NotConfigured => Self::new(Code::MfaNotConfigured),
            FactorFailure::Broken(cause) => Self::internal(cause),
        }
    }
}
