//! Bodies of requests that create, replace and update places.

use haat_domain::shared::TextError;
use haat_domain::territory::{PlaceChange, PlaceKind, PlaceName};

use crate::shared::Fields;

/// All values of a place, for a new place or a replacement.
pub(super) struct WholePlace {
    pub(super) name: PlaceName,
    pub(super) name_bn: Option<PlaceName>,
    pub(super) parent: Option<i64>,
}

/// Parses a whole place. Returns `None` on errors, which are recorded in the body.
pub(super) fn whole(kind: PlaceKind, body: &mut Fields) -> Option<WholePlace> {
    let name = body.optional("name", PlaceName::parse);
    require(body, "name", name.is_some());
    let name_bn = body.optional("nameBn", PlaceName::parse);
    let parent = kind.parent().and_then(|parent| required_id(body, parent.as_str()));
    Some(WholePlace { name: name?, name_bn, parent })
}

/// Parses a merge patch of a place. Errors are recorded in the body.
pub(super) fn patch(kind: PlaceKind, body: &mut Fields) -> PlaceChange {
    let name = body.nullable_text("name", |text| match text {
        Some(text) => PlaceName::parse(text),
        None => Err(TextError::Empty),
    });
    let name_bn = body.nullable_text("nameBn", |text| text.map(PlaceName::parse).transpose());
    PlaceChange { name, name_bn, parent: parent(kind, body) }
}

/// Reads the id of the parent place.
fn parent(kind: PlaceKind, body: &mut Fields) -> Option<i64> {
    id(body, kind.parent()?.as_str())
}

/// Reads the required id of a place.
pub(super) fn required_id(body: &mut Fields, member: &str) -> Option<i64> {
    let id = id(body, member);
    require(body, member, id.is_some());
    id
}

fn id(body: &mut Fields, member: &str) -> Option<i64> {
    body.number(member, Ok::<_, std::convert::Infallible>)
}

fn require(body: &mut Fields, member: &str, present: bool) {
    if !present && !body.is_rejected(member) {
        body.reject(member, "required", "is required", "দিতে হবে");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::shared::Problem;

    fn errors_of(kind: PlaceKind, body: &Value, whole_place: bool) -> Vec<(String, &'static str)> {
        let mut body = Fields::new(body.as_object().unwrap().clone());
        if whole_place {
            whole(kind, &mut body);
        } else {
            patch(kind, &mut body);
        }
        let errors = body.finish().map_or_else(|problem: Problem| problem.errors, |()| Vec::new());
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn reports_all_errors_at_once() {
        let long = "x".repeat(300);
        for (kind, body, whole_place, expected) in [
            (PlaceKind::Region, json!({"name": "Dhaka"}), true, vec![]),
            (
                PlaceKind::Region,
                json!({"name": "Dhaka", "region": 1}),
                true,
                vec![("region", "unknown-field")],
            ),
            (PlaceKind::Area, json!({}), true, vec![("name", "required"), ("region", "required")]),
            (
                PlaceKind::Area,
                json!({"name": " ", "nameBn": "a\u{0}", "region": "1", "id": 3}),
                true,
                vec![
                    ("name", "required"),
                    ("nameBn", "invalid-characters"),
                    ("region", "wrong-type"),
                    ("id", "unknown-field"),
                ],
            ),
            (
                PlaceKind::Territory,
                json!({"name": long, "area": null}),
                true,
                vec![("name", "too-long"), ("area", "required")],
            ),
            (PlaceKind::Territory, json!({}), false, vec![]),
            (
                PlaceKind::Territory,
                json!({"name": null, "area": 1.5}),
                false,
                vec![("name", "required"), ("area", "wrong-type")],
            ),
            (PlaceKind::Distributor, json!({"nameBn": null}), false, vec![]),
            (
                PlaceKind::Distributor,
                json!({"nameBn": "", "area": 1}),
                false,
                vec![("nameBn", "required"), ("area", "unknown-field")],
            ),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(field, code)| (field.to_owned(), code)).collect();
            assert_eq!(errors_of(kind, &body, whole_place), expected, "{body}");
        }
    }

    #[test]
    fn absent_members_are_unchanged_in_a_patch_and_cleared_in_a_replacement() {
        let fields = |body: &Value| Fields::new(body.as_object().unwrap().clone());
        assert_eq!(patch(PlaceKind::Area, &mut fields(&json!({}))), PlaceChange::default());
        let cleared = patch(PlaceKind::Area, &mut fields(&json!({"nameBn": null, "region": 3})));
        assert_eq!((cleared.name_bn, cleared.parent), (Some(None), Some(3)));
        let whole = whole(PlaceKind::Area, &mut fields(&json!({"name": "N", "region": 3}))).unwrap();
        assert_eq!((whole.name.as_str(), whole.name_bn, whole.parent), ("N", None, Some(3)));
    }
}
