use haat_application::territory::{CreatePlaceError, DeletePlaceError, GetPlaceError, UpdatePlaceError};
use haat_domain::territory::{PlaceKind, PlaceUses};
use serde_json::{Map, Value};

use crate::shared::{Code, FieldError, Problem, Text};

impl From<GetPlaceError> for Problem {
    fn from(error: GetPlaceError) -> Self {
        match error {
            GetPlaceError::Forbidden => Self::new(Code::Forbidden),
            GetPlaceError::NotFound => Self::new(Code::NotFound),
            GetPlaceError::Storage(failure) => failure.into(),
        }
    }
}

impl From<CreatePlaceError> for Problem {
    fn from(error: CreatePlaceError) -> Self {
        match error {
            CreatePlaceError::Change(error) => error.into(),
            CreatePlaceError::UnknownParent(kind) => unknown_parent(kind),
            CreatePlaceError::Taken => taken(),
        }
    }
}

impl From<UpdatePlaceError> for Problem {
    fn from(error: UpdatePlaceError) -> Self {
        match error {
            UpdatePlaceError::Change(error) => error.into(),
            UpdatePlaceError::NotFound => Self::new(Code::NotFound),
            UpdatePlaceError::Stale => Self::new(Code::PreconditionFailed),
            UpdatePlaceError::UnknownParent(kind) => unknown_parent(kind),
            UpdatePlaceError::Taken => taken(),
        }
    }
}

impl From<DeletePlaceError> for Problem {
    fn from(error: DeletePlaceError) -> Self {
        match error {
            DeletePlaceError::Change(error) => error.into(),
            DeletePlaceError::NotFound => Self::new(Code::NotFound),
            DeletePlaceError::Stale => Self::new(Code::PreconditionFailed),
            DeletePlaceError::InUse(uses) => Self::new(Code::InUse).with("uses", counts(uses)),
        }
    }
}

fn unknown_parent(kind: PlaceKind) -> Problem {
    let message = match kind {
        PlaceKind::Region => Text::new("there is no such region", "এমন কোনো অঞ্চল নেই"),
        PlaceKind::Area => Text::new("there is no such area", "এমন কোনো এলাকা নেই"),
        PlaceKind::Territory => Text::new("there is no such territory", "এমন কোনো টেরিটরি নেই"),
        PlaceKind::Distributor => Text::new("there is no such distributor", "এমন কোনো পরিবেশক নেই"),
    };
    Problem::invalid_field(kind.as_str(), "not-found", message)
}

fn taken() -> Problem {
    let message = Text::new("another one there has this name", "সেখানে আরেকটির এই নাম আছে");
    let error = FieldError { field: "name".to_owned(), code: "taken", message };
    Problem { errors: vec![error], ..Problem::new(Code::AlreadyExists) }
}

/// How many of what, as far as it applies.
fn counts(uses: PlaceUses) -> Value {
    let counts = [
        ("areas", uses.areas),
        ("territories", uses.territories),
        ("retailers", Some(uses.retailers)),
        ("deletedRetailers", Some(uses.deleted_retailers)),
    ];
    let members = counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?.into())));
    Value::Object(members.collect::<Map<_, _>>())
}
