//! The parameters of the audit log, and its cursors.

use chrono::{DateTime, NaiveDate, Utc};
use haat_application::audit::ListAuditInput;
use haat_domain::audit::{AuditFilter, AuditKey};
use haat_domain::shared::{BatchId, PageRequest, TextError, single_line, start_of_day};

use crate::shared::{Code, Fields, Problem, decode_cursor, encode_cursor, instant, limit, user_ref};

/// What a query asks for, and the name of the list that its cursors are tied to.
#[derive(Debug)]
pub(super) struct AuditQuery {
    pub(super) input: ListAuditInput,
    list: String,
}

/// The parameters that make a list what it is.
const OF_LIST: [&str; 8] = ["entity", "entityId", "actor", "action", "from", "to", "batch", "requestId"];

impl AuditQuery {
    pub(super) fn parse(mut query: Fields) -> Result<Self, Problem> {
        let limit = limit(&mut query);
        let list = OF_LIST.iter().fold("audit".to_owned(), |name, parameter| {
            query.peek_text(parameter).map_or(name.clone(), |value| format!("{name}&{parameter}={value}"))
        });
        let filter = AuditFilter {
            entity: query.optional("entity", word),
            entity_id: query.optional("entityId", word),
            actor: None,
            action: query.optional("action", word),
            from: query.optional("from", moment),
            to: query.optional("to", moment),
            batch: query
                .optional("batch", |text| text.parse().map(BatchId::new).map_err(|_no| "must be an id")),
            request_id: query.optional("requestId", word),
        };
        let actor = query.optional("actor", user_ref);
        let cursor = query.optional_text("cursor");
        query.finish()?;
        let after = match cursor {
            Some(cursor) => Some(key_of(&list, &cursor).ok_or(Problem::new(Code::InvalidCursor))?),
            None => None,
        };
        let page = PageRequest { limit, after, skip: 0 };
        Ok(Self { input: ListAuditInput { filter, actor, page }, list })
    }

    /// A cursor for what comes after `key` in this list.
    pub(super) fn cursor(&self, key: AuditKey) -> String {
        encode_cursor(&self.list, (key.at.timestamp_micros(), key.id))
    }
}

fn key_of(list: &str, cursor: &str) -> Option<AuditKey> {
    let (at, id): (i64, i64) = decode_cursor(list, cursor)?;
    Some(AuditKey { at: instant(at)?, id })
}

fn word(text: &str) -> Result<String, TextError> {
    single_line(text, 200)
}

/// A moment, or a date: the beginning of that day in Dhaka.
fn moment(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let moment = match text.parse::<NaiveDate>() {
        Ok(day) => start_of_day(day),
        // A plus that was not written as %2B has become a blank.
        Err(_) => DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc3339(&text.replace(' ', "+")))
            .ok()
            .map(|at| at.with_timezone(&Utc)),
    };
    moment.and_then(|at| instant(at.timestamp_micros())).ok_or("must be a date, or a moment as in RFC 3339")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(query: &Value) -> Result<AuditQuery, Problem> {
        AuditQuery::parse(Fields::new(query.as_object().unwrap().clone()))
    }

    #[test]
    fn a_moment_is_a_date_in_dhaka_or_rfc_3339() {
        for (text, expected) in [
            ("2026-11-20", "2026-11-19T18:00:00+00:00"),
            ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00+00:00"),
            ("2026-11-20T06:00:00.123456+06:00", "2026-11-20T00:00:00.123456+00:00"),
            ("2026-11-20T06:00:00 06:00", "2026-11-20T00:00:00+00:00"),
        ] {
            assert_eq!(moment(text).unwrap().to_rfc3339(), expected, "{text}");
        }
        for bad in
            ["", "yesterday", "2026-13-01", "2026-11-20T00:00:00", "+262142-12-31", "-20000-01-01", "20"]
        {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_is_tied_to_its_filter() {
        let key = AuditKey { at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), id: 7 };
        let lists = [
            json!({}),
            json!({"entity": "retailer"}),
            json!({"entityId": "retailer"}),
            json!({"from": "2026-11-20"}),
            json!({"to": "2026-11-20"}),
            json!({"actor": "7"}),
            json!({"batch": "7"}),
            json!({"requestId": "7"}),
            json!({"action": "7"}),
        ];
        for list in &lists {
            let cursor = parse(list).unwrap().cursor(key);
            for other in &lists {
                let mut again = other.clone();
                again["cursor"] = json!(cursor);
                let after = parse(&again).ok().and_then(|query| query.input.page.after);
                assert_eq!(after, (other == list).then_some(key), "{list} {other}");
            }
        }
        let beyond = encode_cursor("audit", (i64::MAX, 1));
        assert_eq!(parse(&json!({"cursor": beyond})).unwrap_err().code, Code::InvalidCursor);
    }

    #[test]
    fn faults_are_told_together() {
        let query = json!({
            "limit": "0", "entity": "a\u{0}", "entityId": "", "actor": " ", "from": "x", "to": "y", "batch": "z",
            "requestId": "\n", "action": "", "colour": "red",
        });
        let errors = parse(&query).unwrap_err().errors;
        assert_eq!(errors.len(), 10, "{errors:?}");
    }
}
