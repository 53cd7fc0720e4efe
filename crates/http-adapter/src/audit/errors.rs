use haat_application::audit::ListAuditError;

use crate::shared::{Code, Problem};

impl From<ListAuditError> for Problem {
    fn from(error: ListAuditError) -> Self {
        match error {
            ListAuditError::Forbidden => Self::new(Code::Forbidden),
            ListAuditError::Storage(failure) => failure.into(),
        }
    }
}
