//! The parameters of the audit log.

use chrono::{DateTime, NaiveDate, Utc};
use haat_application::audit::ListAudit;
use haat_application::shared::stored_time;
use haat_domain::audit::AuditFilter;
use haat_domain::shared::{BatchId, TextError, single_line, start_of_day};

use crate::shared::{Fields, Filter, Invalid, NOT_AN_ID, user_ref};

impl Filter for ListAudit {
    fn read(query: &mut Fields) -> Self {
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
        Self { filter, actor: query.optional("actor", user_ref) }
    }
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
    time.and_then(|at| stored_time(at.timestamp_micros()))
        .ok_or(Invalid("must be a date or an RFC 3339 time", "তারিখ বা RFC 3339 সময় হতে হবে"))
}

#[cfg(test)]
mod tests {
    use haat_domain::audit::AuditKey;
    use serde_json::{Value, json};

    use super::*;
    use crate::shared::{ListQuery, Problem, encode_cursor};

    fn parse(query: &Value) -> Result<ListQuery<AuditKey, ListAudit>, Problem> {
        ListQuery::parse("/admin/audit", Fields::new(query.as_object().unwrap().clone()), Filter::read)
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
    fn rejects_cursors_with_impossible_times() {
        let cursor = |micros: i64| json!({"cursor": encode_cursor("/admin/audit", (micros, 7))});
        let after = parse(&cursor(1_790_000_000_123_456)).unwrap().page.after.unwrap();
        assert_eq!((after.at.timestamp_micros(), after.id), (1_790_000_000_123_456, 7));
        assert!(parse(&cursor(i64::MAX)).is_err());
    }

    #[test]
    fn reports_all_errors_at_once() {
        let query = json!({
            "limit": "0", "entity": "a\u{0}", "entityId": "", "actor": " ", "from": "x", "to": "y", "batch": "z",
            "requestId": "\n", "action": "", "colour": "red",
        });
        let errors = parse(&query).err().unwrap().errors;
        assert_eq!(errors.len(), 10, "{errors:?}");
    }
}
