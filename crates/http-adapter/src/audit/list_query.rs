//! Parameters and cursors of the audit log.

use chrono::{DateTime, NaiveDate, Utc};
use haat_application::audit::ListAuditInput;
use haat_domain::audit::{AuditFilter, AuditKey};
use haat_domain::shared::{BatchId, PageRequest, TextError, single_line, start_of_day};

use crate::shared::{
    Fields, Invalid, NOT_AN_ID, Problem, codes, decode_cursor, encode_cursor, instant, limit, user_ref,
};

/// The parsed query, and the name of the list that its cursors are tied to.
#[derive(Debug)]
pub(super) struct AuditQuery {
    pub(super) input: ListAuditInput,
    list: String,
}

/// Filters, which identify the list that a cursor is tied to.
const FILTERS: [&str; 8] = ["entity", "entityId", "actor", "action", "from", "to", "batch", "requestId"];

impl AuditQuery {
    pub(super) fn parse(mut query: Fields) -> Result<Self, Problem> {
        let limit = limit(&mut query);
        let list = FILTERS.iter().fold("audit".to_owned(), |name, parameter| {
            query.peek_text(parameter).map_or(name.clone(), |value| format!("{name}&{parameter}={value}"))
        });
        let filter = AuditFilter {
            entity: query.optional("entity", word),
            entity_id: query.optional("entityId", word),
            actor: None,
            action: query.optional("action", word),
            from: query.optional("from", parse_time),
            to: query.optional("to", parse_time),
            batch: query
                .optional("batch", |text| text.parse().map(BatchId::new).map_err(|_not_an_id| NOT_AN_ID)),
            request_id: query.optional("requestId", word),
        };
        let actor = query.optional("actor", user_ref);
        let cursor = query.optional_text("cursor");
        query.finish()?;
        let after = match cursor {
            Some(cursor) => Some(key_of(&list, &cursor).ok_or(Problem::new(&codes::INVALID_CURSOR))?),
            None => None,
        };
        let page = PageRequest { limit, after, skip: 0 };
        Ok(Self { input: ListAuditInput { filter, actor, page }, list })
    }

    /// Returns a cursor for the rows after `key` in this list.
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

/// Parses an RFC 3339 time, or a date, which stands for the start of that day in Dhaka.
fn parse_time(text: &str) -> Result<DateTime<Utc>, Invalid> {
    let time = match text.parse::<NaiveDate>() {
        Ok(day) => start_of_day(day),
        // A `+` that is not encoded as %2B arrives as a space.
        Err(_) => DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc3339(&text.replace(' ', "+")))
            .ok()
            .map(|at| at.with_timezone(&Utc)),
    };
    time.and_then(|at| instant(at.timestamp_micros()))
        .ok_or(Invalid("must be a date or an RFC 3339 time", "তারিখ বা RFC 3339 সময় হতে হবে"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(query: &Value) -> Result<AuditQuery, Problem> {
        AuditQuery::parse(Fields::new(query.as_object().unwrap().clone()))
    }

    #[test]
    fn accepts_rfc_3339_times_and_dates_in_dhaka() {
        for (text, expected) in [
            ("2026-11-20", "2026-11-19T18:00:00+00:00"),
            ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00+00:00"),
            ("2026-11-20T06:00:00.123456+06:00", "2026-11-20T00:00:00.123456+00:00"),
            ("2026-11-20T06:00:00 06:00", "2026-11-20T00:00:00+00:00"),
        ] {
            assert_eq!(parse_time(text).unwrap().to_rfc3339(), expected, "{text}");
        }
        for bad in
            ["", "yesterday", "2026-13-01", "2026-11-20T00:00:00", "+262142-12-31", "-20000-01-01", "20"]
        {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn cursor_is_tied_to_its_filters() {
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
        let out_of_range = encode_cursor("audit", (i64::MAX, 1));
        assert_eq!(parse(&json!({"cursor": out_of_range})).unwrap_err().code, &codes::INVALID_CURSOR);
    }

    #[test]
    fn reports_all_errors_at_once() {
        let query = json!({
            "limit": "0", "entity": "a\u{0}", "entityId": "", "actor": " ", "from": "x", "to": "y", "batch": "z",
            "requestId": "\n", "action": "", "colour": "red",
        });
        let errors = parse(&query).unwrap_err().errors;
        assert_eq!(errors.len(), 10, "{errors:?}");
    }
}
