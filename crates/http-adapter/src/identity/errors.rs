use std::time::Duration;

use haat_application::identity::{
    ChangePasswordError, CreatePersonError, EndSessionError, EndSessionsError, GetMeError, GetPersonError,
    IssueError, ListPeopleError, LogInError, RefreshError, ResetPasswordError, UpdatePersonError,
    VerifyPasswordError,
};
use haat_domain::identity::{HashFailure, UserConflict};

use crate::shared::{Code, FieldError, Problem, Text};

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::InvalidCredentials => Self::new(Code::InvalidCredentials),
            LogInError::TooManyFailures(wait) => too_many_failures(wait),
            LogInError::Busy => Self::unavailable("too many concurrent logins"),
            LogInError::Broken(cause) => Self::internal(cause),
            LogInError::Issue(error) => error.into(),
            LogInError::Storage(failure) => failure.into(),
        }
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Broken(cause) => Self::internal(cause),
            IssueError::Storage(failure) => failure.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => Self::new(Code::InvalidRefreshToken),
            RefreshError::Ended => Self::new(Code::SessionEnded),
            RefreshError::Issue(error) => error.into(),
            RefreshError::Storage(failure) => failure.into(),
        }
    }
}

impl From<EndSessionError> for Problem {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotFound => Self::new(Code::NotFound),
            EndSessionError::Storage(failure) => failure.into(),
        }
    }
}

impl From<EndSessionsError> for Problem {
    fn from(error: EndSessionsError) -> Self {
        match error {
            EndSessionsError::Change(error) => error.into(),
            EndSessionsError::NotFound => Self::new(Code::NotFound),
        }
    }
}

impl From<GetMeError> for Problem {
    fn from(error: GetMeError) -> Self {
        match error {
            GetMeError::NotFound => Self::new(Code::TokenRevoked),
            GetMeError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::CallerEnded => Self::new(Code::TokenRevoked),
            ChangePasswordError::Current(error) => (error, "currentPassword").into(),
            ChangePasswordError::Same => Self::invalid_field(
                "newPassword",
                "same-as-current",
                Text::new("must differ from the current password", "বর্তমান পাসওয়ার্ড থেকে আলাদা হতে হবে"),
            ),
            ChangePasswordError::Hash(failure) => failure.into(),
            ChangePasswordError::Issue(error) => error.into(),
            ChangePasswordError::Storage(failure) => failure.into(),
        }
    }
}

/// Maps an error of the caller's own password, sent in the field of this name.
impl From<(VerifyPasswordError, &'static str)> for Problem {
    fn from((error, field): (VerifyPasswordError, &'static str)) -> Self {
        match error {
            VerifyPasswordError::CallerEnded => Self::new(Code::TokenRevoked),
            VerifyPasswordError::Incorrect => Self::invalid_field(
                field,
                "incorrect",
                Text::new("is not your current password", "আপনার বর্তমান পাসওয়ার্ড এটি নয়"),
            ),
            VerifyPasswordError::TooManyFailures(wait) => too_many_failures(wait),
            VerifyPasswordError::Hash(failure) => failure.into(),
            VerifyPasswordError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ListPeopleError> for Problem {
    fn from(error: ListPeopleError) -> Self {
        match error {
            ListPeopleError::Forbidden => Self::new(Code::Forbidden),
            ListPeopleError::Storage(failure) => failure.into(),
        }
    }
}

impl From<GetPersonError> for Problem {
    fn from(error: GetPersonError) -> Self {
        match error {
            GetPersonError::Forbidden => Self::new(Code::Forbidden),
            GetPersonError::NotFound => Self::new(Code::NotFound),
            GetPersonError::Storage(failure) => failure.into(),
        }
    }
}

impl From<CreatePersonError> for Problem {
    fn from(error: CreatePersonError) -> Self {
        match error {
            CreatePersonError::Change(error) => error.into(),
            CreatePersonError::Taken(conflicts) => taken(&conflicts),
            CreatePersonError::Hash(failure) => failure.into(),
            CreatePersonError::Broken(cause) => Self::internal(cause),
        }
    }
}

impl From<UpdatePersonError> for Problem {
    fn from(error: UpdatePersonError) -> Self {
        match error {
            UpdatePersonError::Change(error) => error.into(),
            UpdatePersonError::NotFound => Self::new(Code::NotFound),
            UpdatePersonError::Stale => Self::new(Code::PreconditionFailed),
            UpdatePersonError::CannotTargetSelf => Self::new(Code::CannotTargetSelf),
            UpdatePersonError::Taken(conflicts) => taken(&conflicts),
        }
    }
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Change(error) => error.into(),
            ResetPasswordError::NotFound => Self::new(Code::NotFound),
            ResetPasswordError::Hash(failure) => failure.into(),
            ResetPasswordError::Broken(cause) => Self::internal(cause),
        }
    }
}

impl From<HashFailure> for Problem {
    fn from(failure: HashFailure) -> Self {
        match failure {
            HashFailure::Busy => Self::unavailable("too many passwords are being hashed concurrently"),
            HashFailure::Broken(cause) => Self::internal(cause),
        }
    }
}

pub(super) fn too_many_failures(wait: Duration) -> Problem {
    let retry_after = u32::try_from(wait.as_secs() + 1).ok();
    Problem { retry_after, ..Problem::new(Code::TooManyFailedLogins) }
}

/// Returns a problem with every field whose value another user already has.
fn taken(conflicts: &[UserConflict]) -> Problem {
    let field = |conflict: &UserConflict| match conflict {
        UserConflict::Username => "username",
        UserConflict::Phone => "phone",
        UserConflict::Email => "email",
        UserConflict::EmployeeCode => "employeeCode",
    };
    let errors = conflicts.iter().map(|conflict| FieldError {
        field: field(conflict).to_owned(),
        code: "taken",
        message: Text::new("is already used by another user", "অন্য একজন ব্যবহারকারীর আছে"),
    });
    Problem::taken(errors.collect())
}
