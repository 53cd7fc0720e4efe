use haat_application::identity::{AnswerChallengeError, ResetMfaError, SelfServiceMfaError};
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

impl From<SelfServiceMfaError> for Problem {
    fn from(error: SelfServiceMfaError) -> Self {
        match error {
            SelfServiceMfaError::CallerEnded => Self::new(Code::TokenRevoked),
            SelfServiceMfaError::IsOn => Self::new(Code::MfaEnabled),
            SelfServiceMfaError::IsOff => Self::new(Code::MfaNotEnabled),
            SelfServiceMfaError::Password(error) => (error, "password").into(),
            SelfServiceMfaError::WrongCode => Self::invalid_field(
                "code",
                "incorrect",
                Text::new("is incorrect or was already used", "সঠিক নয়, বা আগে ব্যবহৃত হয়েছে"),
            ),
            SelfServiceMfaError::TooManyFailures(wait) => too_many_failures(wait),
            SelfServiceMfaError::Factor(failure) => failure.into(),
            SelfServiceMfaError::Issue(error) => error.into(),
            SelfServiceMfaError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ResetMfaError> for Problem {
    fn from(error: ResetMfaError) -> Self {
        match error {
            ResetMfaError::Change(error) => error.into(),
            ResetMfaError::NotFound => Self::new(Code::NotFound),
            ResetMfaError::CannotTargetSelf => Self::new(Code::CannotTargetSelf).detail(
                "Disable your own second factor with POST /auth/mfa/disable.",
                "নিজের দ্বিতীয় ধাপ POST /auth/mfa/disable দিয়ে বন্ধ করুন।",
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
