use haat_application::retailer::{
    GetRetailerError, ListRepRetailersError, ListRetailersError, UpdateRetailerError,
};

use crate::shared::{Code, Problem, Text};

impl From<ListRetailersError> for Problem {
    fn from(error: ListRetailersError) -> Self {
        match error {
            ListRetailersError::OtherOrder => Self::new(Code::InvalidCursor),
            ListRetailersError::SearchTooShort => Self::invalid_field(
                "q",
                "too-short",
                Text::new(error.to_string(), "সব দোকানের মধ্যে খুঁজতে অন্তত ৩টি অক্ষর, অথবা একটি টেরিটরি লাগবে"),
            ),
            ListRetailersError::SortNeedsTerritory => Self::invalid_field(
                "sort",
                "requires-territory",
                Text::new(error.to_string(), "সব দোকান পয়েন্ট বা সময় অনুযায়ী সাজানো যায় শুধু একটি টেরিটরির মধ্যে"),
            ),
            ListRetailersError::NoNumberedPages => Self::invalid_field(
                "page",
                "not-available",
                Text::new(
                    error.to_string(),
                    "পৃষ্ঠা নম্বর চলে শুধু একজন বিক্রয় প্রতিনিধির নিজের দোকানের তালিকায়; এই তালিকায় cursor ব্যবহার করুন",
                ),
            ),
            ListRetailersError::Storage(failure) => failure.into(),
        }
    }
}

impl From<ListRepRetailersError> for Problem {
    fn from(error: ListRepRetailersError) -> Self {
        match error {
            ListRepRetailersError::Forbidden => Self::new(Code::Forbidden),
            ListRepRetailersError::NotFound => Self::new(Code::NotFound),
            ListRepRetailersError::List(error) => error.into(),
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

impl From<UpdateRetailerError> for Problem {
    fn from(error: UpdateRetailerError) -> Self {
        match error {
            UpdateRetailerError::NotFound => Self::new(Code::NotFound),
            UpdateRetailerError::Stale => Self::new(Code::PreconditionFailed),
            UpdateRetailerError::CallerEnded => Self::new(Code::TokenRevoked),
            UpdateRetailerError::Idempotency(error) => error.into(),
            UpdateRetailerError::Storage(failure) => failure.into(),
        }
    }
}
