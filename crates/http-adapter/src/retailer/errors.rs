use haat_application::retailer::{GetRetailerError, ListRetailersError};

use crate::shared::{Code, Problem};

impl From<ListRetailersError> for Problem {
    fn from(error: ListRetailersError) -> Self {
        match error {
            ListRetailersError::OtherOrder => Self::new(Code::InvalidCursor),
            ListRetailersError::Storage(failure) => failure.into(),
        }
    }
}

impl From<GetRetailerError> for Problem {
    fn from(error: GetRetailerError) -> Self {
        match error {
            GetRetailerError::NotFound => Self::new(Code::NotFound),
            GetRetailerError::Storage(failure) => failure.into(),
        }
    }
}
