//! Refusals of changes of the sales map.

use haat_domain::territory::{PlaceKind, PlaceReferences, SiblingNames};

use crate::shared::{ChangeError, FieldError, References, Text};

/// A field names a place of this kind that does not exist.
pub(crate) fn unknown(field: &'static str, kind: PlaceKind) -> ChangeError {
    let message = match kind {
        PlaceKind::Region => Text::fixed("no region has this id", "এই আইডির কোনো অঞ্চল নেই"),
        PlaceKind::Area => Text::fixed("no area has this id", "এই আইডির কোনো এলাকা নেই"),
        PlaceKind::Territory => Text::fixed("no territory has this id", "এই আইডির কোনো টেরিটরি নেই"),
        PlaceKind::Distributor => Text::fixed("no distributor has this id", "এই আইডির কোনো পরিবেশক নেই"),
    };
    ChangeError::Invalid(vec![FieldError::new(field, "not-found", message)])
}

/// Checks that no sibling has one of these names of a place, given by field. `id` is the place itself, unless it is new.
pub(super) fn check_names<'a>(
    siblings: &SiblingNames,
    id: Option<i64>,
    names: impl IntoIterator<Item = (&'static str, Option<&'a str>)>,
) -> Result<(), ChangeError> {
    let is_taken = |name: Option<&str>| name.is_some_and(|name| siblings.has_other_than(id, name));
    let taken: Vec<FieldError> =
        names.into_iter().filter(|(_, name)| is_taken(*name)).map(|(field, _)| taken(field)).collect();
    if taken.is_empty() { Ok(()) } else { Err(ChangeError::Taken(taken)) }
}

/// The value of a field is a name or an alternative spelling of a sibling place.
pub(super) fn taken(field: &'static str) -> FieldError {
    let message =
        Text::fixed("is already a name of another place at this level", "একই স্তরের অন্য একটি জায়গার এই নাম আছে");
    FieldError::new(field, "taken", message)
}

/// The value of a field is already a name or an alternative spelling of the place.
pub(super) fn same_name(field: &'static str) -> ChangeError {
    let message = Text::fixed("is already a name of this place", "জায়গাটির এই নাম আগে থেকেই আছে");
    ChangeError::Taken(vec![FieldError::new(field, "same-as-current", message)])
}

/// Other records refer to the place. Counts that do not apply to its kind are left out.
pub(super) fn in_use(references: PlaceReferences) -> ChangeError {
    let counts = [
        ("areas", references.areas),
        ("territories", references.territories),
        ("teams", references.teams),
        ("roles", references.roles),
        ("retailers", Some(references.retailers)),
        ("deletedRetailers", Some(references.deleted_retailers)),
    ];
    ChangeError::InUse(
        counts.into_iter().filter_map(|(name, count)| Some((name, count?))).collect::<References>(),
    )
}
