use haat_application::territory::{
    CreatePlaceAliasError, CreatePlaceError, DeletePlaceAliasError, DeletePlaceError, GetPlaceError,
    ListPlaceAliasesError, UpdatePlaceError,
};
use haat_domain::territory::{PlaceKind, PlaceReferences};
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
            CreatePlaceError::UnknownParent(kind) => unknown(kind.as_str(), kind),
            CreatePlaceError::Taken => taken("name"),
        }
    }
}

impl From<UpdatePlaceError> for Problem {
    fn from(error: UpdatePlaceError) -> Self {
        match error {
            UpdatePlaceError::Change(error) => error.into(),
            UpdatePlaceError::NotFound => Self::new(Code::NotFound),
            UpdatePlaceError::Stale => Self::new(Code::PreconditionFailed),
            UpdatePlaceError::UnknownParent(kind) => unknown(kind.as_str(), kind),
            UpdatePlaceError::Taken => taken("name"),
        }
    }
}

impl From<DeletePlaceError> for Problem {
    fn from(error: DeletePlaceError) -> Self {
        match error {
            DeletePlaceError::Change(error) => error.into(),
            DeletePlaceError::NotFound => Self::new(Code::NotFound),
            DeletePlaceError::Stale => Self::new(Code::PreconditionFailed),
            DeletePlaceError::InUse(references) => {
                Self::new(Code::InUse).with("references", counts(references))
            }
        }
    }
}

impl From<ListPlaceAliasesError> for Problem {
    fn from(error: ListPlaceAliasesError) -> Self {
        match error {
            ListPlaceAliasesError::Forbidden => Self::new(Code::Forbidden),
            ListPlaceAliasesError::Storage(failure) => failure.into(),
        }
    }
}

impl From<CreatePlaceAliasError> for Problem {
    fn from(error: CreatePlaceAliasError) -> Self {
        match error {
            CreatePlaceAliasError::Change(error) => error.into(),
            CreatePlaceAliasError::UnknownPlace(kind) => unknown("place", kind),
            CreatePlaceAliasError::Same => {
                let message = Text::new("is already a name of this place", "জায়গাটির এই নাম আগে থেকেই আছে");
                Self::taken(vec![FieldError { field: "alias".to_owned(), code: "same-as-current", message }])
            }
            CreatePlaceAliasError::Taken => taken("alias"),
        }
    }
}

impl From<DeletePlaceAliasError> for Problem {
    fn from(error: DeletePlaceAliasError) -> Self {
        match error {
            DeletePlaceAliasError::Change(error) => error.into(),
            DeletePlaceAliasError::NotFound => Self::new(Code::NotFound),
        }
    }
}

/// Returns a problem for a field that names an unknown place of this kind.
fn unknown(field: &str, kind: PlaceKind) -> Problem {
    let message = match kind {
        PlaceKind::Region => Text::new("no region has this id", "এই আইডির কোনো অঞ্চল নেই"),
        PlaceKind::Area => Text::new("no area has this id", "এই আইডির কোনো এলাকা নেই"),
        PlaceKind::Territory => Text::new("no territory has this id", "এই আইডির কোনো টেরিটরি নেই"),
        PlaceKind::Distributor => Text::new("no distributor has this id", "এই আইডির কোনো পরিবেশক নেই"),
    };
    Problem::invalid_field(field, "not-found", message)
}

/// Returns a problem for a field whose value is a name or an alternative spelling of a sibling place.
fn taken(field: &str) -> Problem {
    let message =
        Text::new("is already a name of another place at this level", "একই স্তরের অন্য একটি জায়গার এই নাম আছে");
    Problem::taken(vec![FieldError { field: field.to_owned(), code: "taken", message }])
}

/// Returns the reference counts by type, as far as a type applies.
fn counts(references: PlaceReferences) -> Value {
    let counts = [
        ("areas", references.areas),
        ("territories", references.territories),
        ("retailers", Some(references.retailers)),
        ("deletedRetailers", Some(references.deleted_retailers)),
    ];
    let members = counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?.into())));
    Value::Object(members.collect::<Map<_, _>>())
}
