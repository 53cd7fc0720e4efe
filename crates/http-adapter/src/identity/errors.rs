use std::time::Duration;

use haat_application::identity::{
    ChangePasswordError, CreatePersonError, EndSessionError, EndSessionsError, GetMeError, GetPersonError,
    IssueError, ListPeopleError, LogInError, OwnPasswordError, RefreshError, ResetPasswordError,
    UpdatePersonError,
};
use haat_domain::identity::{HashFailure, UserConflict};

use crate::shared::{Code, FieldError, Problem, Text};

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::InvalidCredentials => Self::new(Code::InvalidCredentials),
            LogInError::TooManyFailures(wait) => too_many_failures(wait),
            LogInError::Busy => Self::unavailable("too many logins at once"),
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
            RefreshError::Ended => Self::new(Code::EndedSession),
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
            GetMeError::Gone => Self::new(Code::EndedToken),
            GetMeError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::CallerEnded => Self::new(Code::EndedToken),
            ChangePasswordError::Current(error) => (error, "currentPassword").into(),
            ChangePasswordError::Same => Self::invalid_field(
                "newPassword",
                "same",
                Text::new("must differ from the current password", "বর্তমান পাসওয়ার্ড থেকে আলাদা হতে হবে"),
            ),
            ChangePasswordError::Hash(failure) => failure.into(),
            ChangePasswordError::Issue(error) => error.into(),
            ChangePasswordError::Storage(failure) => failure.into(),
        }
    }
}

/// What is wrong with a password that the caller says is theirs, in a field of this name.
impl From<(OwnPasswordError, &'static str)> for Problem {
    fn from((error, field): (OwnPasswordError, &'static str)) -> Self {
        match error {
            OwnPasswordError::CallerEnded => Self::new(Code::EndedToken),
            OwnPasswordError::Wrong => {
                Self::invalid_field(field, "wrong", Text::new("is not your password", "আপনার পাসওয়ার্ড এটি নয়"))
            }
            OwnPasswordError::TooManyFailures(wait) => too_many_failures(wait),
            OwnPasswordError::Hash(failure) => failure.into(),
            OwnPasswordError::Storage(failure) => failure.into(),
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
            UpdatePersonError::Yourself => Self::new(Code::Yourself),
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
            HashFailure::Busy => Self::unavailable("too many passwords at once"),
            HashFailure::Broken(cause) => Self::internal(cause),
        }
    }
}

pub(super) fn too_many_failures(wait: Duration) -> Problem {
    let retry_after = u32::try_from(wait.as_secs() + 1).ok();
    Problem { retry_after, ..Problem::new(Code::TooManyFailedLogins) }
}

/// Every field that somebody else has already.
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
        message: Text::new("belongs to somebody else", "অন্য কারও নামে আছে"),
    });
    Problem::taken(errors.collect())
}
