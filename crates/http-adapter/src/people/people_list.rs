//! Parameters and cursors of the user lists.

use haat_domain::people::{PersonKey, PersonQuery};
use haat_domain::shared::{PageRequest, Role, UserId};

use super::person_body::parse_state;
use crate::shared::{Fields, Problem, codes, decode_cursor, encode_cursor, limit, search};

/// The parsed query, and the name of the list that its cursors are tied to.
#[derive(Debug)]
pub(super) struct PeopleList {
    pub(super) query: PersonQuery,
    pub(super) page: PageRequest<PersonKey>,
    list: String,
}

impl PeopleList {
    pub(super) fn parse(mut query: Fields, role: Role) -> Result<Self, Problem> {
        let limit = limit(&mut query);
        let word = |name| query.peek_text(name).unwrap_or_default();
        let list = format!("{}&state={}&q={}", role.as_str(), word("state"), word("q"));
        let search = search(&mut query);
        let active = query.optional("state", parse_state);
        let cursor = query.optional_text("cursor");
        query.finish()?;
        let after = match cursor {
            Some(cursor) => Some(key(&list, &cursor).ok_or(Problem::new(&codes::INVALID_CURSOR))?),
            None => None,
        };
        let page = PageRequest { limit, after };
        Ok(Self { query: PersonQuery { role, search, active }, page, list })
    }

    /// Returns a cursor for the rows after `key` in this list.
    pub(super) fn cursor(&self, key: &PersonKey) -> String {
        encode_cursor(&self.list, (&key.name, key.id.get()))
    }
}

fn key(list: &str, cursor: &str) -> Option<PersonKey> {
    let (name, id): (String, i64) = decode_cursor(list, cursor)?;
    // Stored names contain no NUL, and PostgreSQL rejects text with one.
    (!name.contains('\0')).then_some(PersonKey { name, id: UserId::new(id) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(query: &Value, role: Role) -> Result<PeopleList, Problem> {
        PeopleList::parse(Fields::new(query.as_object().unwrap().clone()), role)
    }

    #[test]
    fn cursor_is_tied_to_its_list_and_key() {
        let lists: Vec<(Value, Role)> = [json!({}), json!({"q": "a"}), json!({"state": "active"})]
            .into_iter()
            .flat_map(|query| [Role::Admin, Role::SalesRep].map(|role| (query.clone(), role)))
            .collect();
        let key = PersonKey { name: "রহিম".into(), id: UserId::new(7) };
        for list in &lists {
            let cursor = parse(&list.0, list.1).unwrap().cursor(&key);
            for other in &lists {
                let mut again = other.0.clone();
                again["cursor"] = json!(cursor);
                let after = parse(&again, other.1).ok().and_then(|list| list.page.after);
                assert_eq!(after, (other == list).then(|| key.clone()), "{list:?} {other:?}");
            }
        }
        let nul = encode_cursor("admin&state=&q=", ("a\0", 7));
        assert_eq!(parse(&json!({"cursor": nul}), Role::Admin).unwrap_err().code, &codes::INVALID_CURSOR);
    }

    #[test]
    fn reports_all_errors_of_a_query() {
        let query = json!({"limit": "0", "q": "x".repeat(101), "state": "gone", "page": "1"});
        let errors = parse(&query, Role::Admin).unwrap_err().errors;
        let faults: Vec<_> = errors.iter().map(|error| (&*error.field, error.code)).collect();
        let expected =
            [("limit", "out-of-range"), ("q", "too-long"), ("state", "invalid"), ("page", "unknown-field")];
        assert_eq!(faults, expected);
    }
}
