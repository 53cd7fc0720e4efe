//! Parameters and cursors of the place lists.

use haat_application::territory::ListPlacesInput;
use haat_domain::shared::PageRequest;
use haat_domain::territory::{PlaceKey, PlaceKind};

use crate::retailer::parse_place;
use crate::shared::{Code, Fields, Problem, decode_cursor, encode_cursor, limit, search};

/// The parsed query, and the name of the list that its cursors are tied to.
pub(super) struct ListQuery {
    pub(super) input: ListPlacesInput,
    list: String,
}

impl ListQuery {
    pub(super) fn parse(kind: PlaceKind, mut query: Fields) -> Result<Self, Problem> {
        let limit = limit(&mut query);
        let list = query.name_of_list(kind.as_str(), &["q", "region", "area"]);
        let search = search(&mut query);
        let [region, area] =
            filters(kind).map(|filter| filter.and_then(|name| query.optional(name, parse_place)));
        let cursor = query.optional_text("cursor");
        query.finish()?;
        let after = match cursor {
            Some(cursor) => {
                let (name, id): (String, i64) =
                    decode_cursor(&list, &cursor).ok_or(Problem::new(Code::InvalidCursor))?;
                Some(PlaceKey { name: name.into(), id })
            }
            None => None,
        };
        let page = PageRequest { limit, after, skip: 0 };
        Ok(Self { input: ListPlacesInput { kind, search, region, area, page }, list })
    }

    /// Returns a cursor for the rows after `key` in this list.
    pub(super) fn cursor(&self, key: &PlaceKey) -> String {
        encode_cursor(&self.list, (&*key.name, key.id))
    }
}

/// Returns the filters of a kind of place: by region, by area.
const fn filters(kind: PlaceKind) -> [Option<&'static str>; 2] {
    match kind {
        PlaceKind::Region | PlaceKind::Distributor => [None, None],
        PlaceKind::Area => [Some("region"), None],
        PlaceKind::Territory => [Some("region"), Some("area")],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(kind: PlaceKind, query: &Value) -> Result<ListQuery, Problem> {
        ListQuery::parse(kind, Fields::new(query.as_object().unwrap().clone()))
    }

    #[test]
    fn each_kind_accepts_only_its_filters() {
        for (kind, accepted) in
            PlaceKind::ALL.into_iter().zip([(false, false), (true, false), (true, true), (false, false)])
        {
            for (filter, accepted) in [("region", accepted.0), ("area", accepted.1), ("territory", false)] {
                assert_eq!(parse(kind, &json!({filter: "1"})).is_ok(), accepted, "{kind:?} {filter}");
            }
        }
    }

    #[test]
    fn cursor_is_tied_to_its_list() {
        let key = PlaceKey { name: "সাভার".into(), id: 7 };
        let lists = [
            (PlaceKind::Region, json!({})),
            (PlaceKind::Area, json!({})),
            (PlaceKind::Area, json!({"q": "a"})),
            (PlaceKind::Area, json!({"region": "1"})),
            (PlaceKind::Territory, json!({"region": "1"})),
            (PlaceKind::Territory, json!({"area": "1"})),
        ];
        for (kind, list) in &lists {
            let cursor = parse(*kind, list).unwrap().cursor(&key);
            for (other_kind, other) in &lists {
                let mut again = other.clone();
                again["cursor"] = json!(cursor);
                let after = parse(*other_kind, &again).ok().and_then(|query| query.input.page.after);
                let same = (kind, list) == (other_kind, other);
                assert_eq!(after, same.then(|| key.clone()), "{list} {other}");
            }
        }
    }
}
