//! The query parameters of a retailer list, and its cursors.

use haat_application::retailer::{ListRetailersInput, ListedRetailers, RetailerView};
use haat_application::shared::{stored_text, stored_time};
use haat_domain::retailer::{RetailerKey, RetailerSort, RetailerSortField, RetailerUid, SearchPosition};
use haat_domain::shared::PageRequest;
use haat_domain::territory::{NameLanguage, SalesMap};
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::FieldSelection;
use crate::territory::name_language;
use haat_http_core::{
    Fields, JsonResponse, PageInfo, PageOf, Problem, codes, decode_cursor, encode_cursor, limit, parse_bool,
    parse_place, search,
};

/// The parsed query, and the name of the list that its cursors are bound to.
#[derive(Debug)]
pub(super) struct ListQuery {
    pub(super) input: ListRetailersInput,
    /// The members returned for each retailer.
    pub(super) selection: FieldSelection,
    /// The language of the names of places.
    language: NameLanguage,
    /// The list name: filter and sort, as given in the query.
    list: String,
}

impl ListQuery {
    /// Parses the query of a caller with a view.
    pub(super) fn parse(path: &str, query: Fields, view: RetailerView) -> Result<Self, Problem> {
        Self::parse_with(path, query, |query| FieldSelection::of_view(query, view), |_| ())
            .map(|(list, ())| list)
    }

    /// Parses a query; `select` parses the members of its rows, and `more` the parameters specific to the list.
    pub(super) fn parse_with<More>(
        path: &str,
        mut query: Fields,
        select: impl FnOnce(&mut Fields) -> FieldSelection,
        more: impl FnOnce(&mut Fields) -> More,
    ) -> Result<(Self, More), Problem> {
        let limit = limit(&mut query);
        let list = query.list_of(path);
        let sort_text = query.optional_text("sort");
        let sort = match sort_text.as_deref().map(parse_sort) {
            None => RetailerSort::default(),
            Some(Some(sort)) => sort,
            Some(None) => {
                query.reject(
                    "sort",
                    "invalid",
                    "must be name, uid, points or updatedAt, optionally with a leading -",
                    "name, uid, points বা updatedAt হতে হবে, শুরুতে - থাকতে পারে",
                );
                RetailerSort::default()
            }
        };
        let filter = retailer_filter(&mut query);
        let cursor = query.optional_text("cursor");
        let number = page_number(&mut query);
        let include_total = query.optional("includeTotal", parse_bool).unwrap_or_default();
        let selection = select(&mut query);
        let language = name_language(&mut query);
        let more = more(&mut query);
        if cursor.is_some() && number.is_some() {
            query.reject(
                "page",
                "one-of",
                "cannot be combined with cursor",
                "cursor-এর সাথে একসঙ্গে দেওয়া যায় না",
            );
        }
        query.finish()?;
        let after = match cursor {
            Some(cursor) => {
                Some(parse_position(sort.field, &list, &cursor).ok_or(Problem::new(&codes::INVALID_CURSOR))?)
            }
            None => None,
        };
        let skip = number.map_or(0, |number| (number - 1) * u64::from(limit.get()));
        let page = PageRequest { limit, after };
        let count = include_total || number.is_some();
        let input = ListRetailersInput { sort, page, skip, count, ..filter };
        Ok((Self { input, selection, language, list }, more))
    }

    /// Renders a page of this list, with place names from its map.
    pub(super) fn render<'p, Row, Dto: Serialize + ToSchema>(
        &self,
        page: &'p ListedRetailers<Row>,
        dto: impl Fn(&'p Row, &'p SalesMap, NameLanguage) -> Dto,
    ) -> Result<JsonResponse, Problem> {
        let next = page.next.as_ref().map(|position| self.cursor(position));
        let rows = page.rows.iter().map(|row| self.selection.apply(dto(row, &page.map, self.language)));
        let (data, page) =
            (rows.collect::<Result<_, _>>()?, PageInfo::new(self.input.page.limit, next, page.total));
        JsonResponse::json(&PageOf { data, page }, None)
    }

    /// Returns a cursor for the rows after `position` in this list.
    pub(super) fn cursor(&self, position: &SearchPosition) -> String {
        let list = if position.by_words { by_words(&self.list) } else { self.list.clone() };
        match &position.key {
            RetailerKey::Name { name, uid } => encode_cursor(&list, (name, uid.as_str())),
            RetailerKey::Uid(uid) => encode_cursor(&list, uid.as_str()),
            RetailerKey::Points { points, uid } => encode_cursor(&list, (points, uid.as_str())),
            RetailerKey::UpdatedAt { at, uid } => encode_cursor(&list, (at.timestamp_micros(), uid.as_str())),
        }
    }
}

/// Parses the search and place filters shared by all retailer lists.
pub(super) fn retailer_filter(query: &mut Fields) -> ListRetailersInput {
    let search = search(query);
    let [region, area, territory, distributor] =
        ["region", "area", "territory", "distributor"].map(|name| query.optional(name, parse_place));
    ListRetailersInput { search, region, area, territory, distributor, ..ListRetailersInput::default() }
}

fn parse_sort(text: &str) -> Option<RetailerSort> {
    let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
    let field = match word {
        "name" => RetailerSortField::Name,
        "uid" => RetailerSortField::Uid,
        "points" => RetailerSortField::Points,
        "updatedAt" => RetailerSortField::UpdatedAt,
        _ => return None,
    };
    Some(RetailerSort { field, descending })
}

fn page_number(query: &mut Fields) -> Option<u64> {
    let text = query.optional_text("page")?;
    let number = text.parse::<u32>().ok().filter(|number| *number > 0);
    if number.is_none() {
        query.reject(
            "page",
            "out-of-range",
            "must be a whole number of at least 1",
            "১ বা তার বেশি একটি পূর্ণ সংখ্যা হতে হবে",
        );
    }
    number.map(u64::from)
}

/// Names the second part of a list, so that its cursors are bound to it.
fn by_words(list: &str) -> String {
    format!("{list} by words")
}

fn parse_position(field: RetailerSortField, list: &str, cursor: &str) -> Option<SearchPosition> {
    let first = parse_cursor(field, list, cursor).map(|key| SearchPosition { by_words: false, key });
    first.or_else(|| {
        parse_cursor(field, &by_words(list), cursor).map(|key| SearchPosition { by_words: true, key })
    })
}

fn parse_cursor(field: RetailerSortField, list: &str, cursor: &str) -> Option<RetailerKey> {
    Some(match field {
        RetailerSortField::Name => {
            let (name, uid): (String, String) = decode_cursor(list, cursor)?;
            RetailerKey::Name { name: stored_text(name)?, uid: parse_uid(&uid)? }
        }
        RetailerSortField::Uid => RetailerKey::Uid(parse_uid(&decode_cursor::<String>(list, cursor)?)?),
        RetailerSortField::Points => {
            let (points, uid): (i32, String) = decode_cursor(list, cursor)?;
            RetailerKey::Points { points, uid: parse_uid(&uid)? }
        }
        RetailerSortField::UpdatedAt => {
            let (at, uid): (i64, String) = decode_cursor(list, cursor)?;
            RetailerKey::UpdatedAt { at: stored_time(at)?, uid: parse_uid(&uid)? }
        }
    })
}

fn parse_uid(uid: &str) -> Option<RetailerUid> {
    RetailerUid::parse(uid).ok()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use haat_application::shared::PlaceSelector;
    use haat_domain::shared::Limit;
    use serde_json::json;

    use super::*;

    fn parse(query: &serde_json::Value) -> Result<ListQuery, Problem> {
        ListQuery::parse("/retailers", Fields::new(query.as_object().unwrap().clone()), RetailerView::Full)
    }

    fn keys() -> [RetailerKey; 4] {
        let uid = || RetailerUid::parse("RTL-1").unwrap();
        [
            RetailerKey::Name { name: "মা স্টোর".into(), uid: uid() },
            RetailerKey::Uid(uid()),
            RetailerKey::Points { points: 7, uid: uid() },
            RetailerKey::UpdatedAt {
                at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(),
                uid: uid(),
            },
        ]
    }

    #[test]
    fn cursor_decodes_to_its_key_in_its_own_list_only() {
        let lists: Vec<_> = ["name", "uid", "points", "updatedAt"]
            .iter()
            .flat_map(|word| {
                let reversed = format!("-{word}");
                [
                    json!({"sort": word}),
                    json!({"sort": reversed}),
                    json!({"sort": word, "q": "ma"}),
                    json!({"sort": word, "region": "1"}),
                    json!({"sort": word, "area": "1", "q": "ma"}),
                ]
            })
            .collect();
        for list in &lists {
            let query = parse(list).unwrap();
            let key = keys().into_iter().find(|key| key.field() == query.input.sort.field).unwrap();
            for by_words in [false, true] {
                let position = SearchPosition { by_words, key: key.clone() };
                let cursor = query.cursor(&position);
                for other in &lists {
                    let mut with_cursor = other.clone();
                    with_cursor["cursor"] = json!(cursor);
                    let after = parse(&with_cursor).ok().and_then(|query| query.input.page.after);
                    assert_eq!(after, (other == list).then(|| position.clone()), "{list} {other}");
                }
            }
        }
    }

    #[test]
    fn rejects_cursors_with_impossible_values() {
        for key in [("a\0", "RTL-1"), ("a", "RTL 1"), ("a", "")] {
            let cursor = encode_cursor("name", key);
            assert_eq!(
                parse(&json!({"cursor": cursor})).unwrap_err().code,
                &codes::INVALID_CURSOR,
                "{key:?}"
            );
        }
        for at in [i64::MAX, i64::MIN] {
            let cursor = encode_cursor("updatedAt", (at, "RTL-1"));
            assert!(parse(&json!({"sort": "updatedAt", "cursor": cursor})).is_err());
        }
    }

    #[test]
    fn reports_all_invalid_parameters_at_once() {
        let query = json!({
            "limit": "201", "sort": "phone", "q": "ক".repeat(101), "region": "", "page": "0", "includeTotal": "yes",
            "area": "99999999999999999999", "colour": "red",
        });
        let errors = parse(&query).unwrap_err().errors;
        let actual: Vec<_> = errors.iter().map(|error| (&*error.field, error.code)).collect();
        assert_eq!(
            actual,
            [
                ("limit", "out-of-range"),
                ("sort", "invalid"),
                ("q", "too-long"),
                ("region", "invalid"),
                ("area", "invalid"),
                ("page", "out-of-range"),
                ("includeTotal", "invalid"),
                ("colour", "unknown-field")
            ]
        );
    }

    #[test]
    fn defaults_to_the_first_page_of_twenty_by_name() {
        let input = parse(&json!({})).unwrap().input;
        assert_eq!(input, ListRetailersInput::default());
        assert_eq!(input.page, PageRequest::first(Limit::default()));
    }

    #[test]
    fn numbered_page_skips_earlier_rows_and_counts_the_list() {
        let input = parse(&json!({"page": "3", "limit": "10"})).unwrap().input;
        assert_eq!((input.skip, input.count), (20, true));
        let both = parse(&json!({"page": "3", "cursor": "x"})).unwrap_err();
        assert_eq!(both.errors[0].code, "one-of");
    }

    #[test]
    fn place_is_an_id_or_a_name() {
        let input = parse(&json!({"region": "12", "area": " ঢাকা "})).unwrap().input;
        assert_eq!(input.region, Some(PlaceSelector::Id(12)));
        assert_eq!(input.area, Some(PlaceSelector::Name("ঢাকা".into())));
    }
}
