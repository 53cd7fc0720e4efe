use haat_application::retailer::pool::{
    CreateRetailerError, DeletionError, GetPoolRetailerError, PoolError, UnknownPlaces,
    UpdatePoolRetailerError,
};

use crate::shared::{Code, FieldError, Problem, Text};

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Forbidden => Self::new(Code::Forbidden),
            PoolError::List(error) => error.into(),
        }
    }
}

impl From<GetPoolRetailerError> for Problem {
    fn from(error: GetPoolRetailerError) -> Self {
        match error {
            GetPoolRetailerError::Forbidden => Self::new(Code::Forbidden),
            GetPoolRetailerError::NotFound => Self::new(Code::NotFound),
            GetPoolRetailerError::Storage(failure) => failure.into(),
        }
    }
}

impl From<CreateRetailerError> for Problem {
    fn from(error: CreateRetailerError) -> Self {
        match error {
            CreateRetailerError::Change(error) => error.into(),
            CreateRetailerError::Unknown(unknown) => unknown.into(),
            CreateRetailerError::Taken { deleted } => taken(deleted),
        }
    }
}

impl From<UpdatePoolRetailerError> for Problem {
    fn from(error: UpdatePoolRetailerError) -> Self {
        match error {
            UpdatePoolRetailerError::Change(error) => error.into(),
            UpdatePoolRetailerError::NotFound => Self::new(Code::NotFound),
            UpdatePoolRetailerError::Deleted => Self::new(Code::Deleted),
            UpdatePoolRetailerError::Stale => Self::new(Code::PreconditionFailed),
            UpdatePoolRetailerError::Unknown(unknown) => unknown.into(),
        }
    }
}

impl From<DeletionError> for Problem {
    fn from(error: DeletionError) -> Self {
        match error {
            DeletionError::Change(error) => error.into(),
            DeletionError::NotFound => Self::new(Code::NotFound),
            DeletionError::Stale => Self::new(Code::PreconditionFailed),
        }
    }
}

impl From<UnknownPlaces> for Problem {
    fn from(unknown: UnknownPlaces) -> Self {
        let places = [
            (
                unknown.territory,
                "territory",
                Text::new("no territory has this id", "এই আইডির কোনো টেরিটরি নেই"),
            ),
            (
                unknown.distributor,
                "distributor",
                Text::new("no distributor has this id", "এই আইডির কোনো পরিবেশক নেই"),
            ),
        ];
        let unknown = places.into_iter().filter(|(unknown, ..)| *unknown);
        Self::invalid(
            unknown
                .map(|(_, field, message)| FieldError { field: field.to_owned(), code: "not-found", message })
                .collect(),
        )
    }
}

fn taken(deleted: bool) -> Problem {
    let message = Text::new("is already used by another retailer", "অন্য একটি দোকান এটি ব্যবহার করছে");
    let errors = vec![FieldError { field: "uid".to_owned(), code: "taken", message }];
    let problem = Problem::taken(errors);
    if deleted {
        problem.detail(
            "The retailer with this uid is deleted and keeps its uid. It can be restored.",
            "এই uid-এর দোকানটি মুছে ফেলা হয়েছে, তবে uid-টি তারই রয়ে গেছে। দোকানটি ফিরিয়ে আনা যায়।",
        )
    } else {
        problem
    }
}
