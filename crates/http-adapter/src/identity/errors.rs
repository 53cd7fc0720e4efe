use haat_application::identity::{GetMeError, LogInError};

use crate::shared::{Code, Problem};

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::InvalidCredentials => Self::new(Code::InvalidCredentials),
            LogInError::Busy => Self::unavailable("too many logins at once"),
            LogInError::Broken(cause) => Self::internal(cause),
            LogInError::Storage(failure) => failure.into(),
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
