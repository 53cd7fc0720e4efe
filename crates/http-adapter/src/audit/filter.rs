//! The parameters of the audit log.

use haat_application::audit::ListAudit;
use haat_domain::audit::{AuditAction, AuditEntity, AuditFilter};
use haat_domain::shared::{BatchId, TextError, single_line};

use haat_http_core::{Fields, Filter, Moment, user_ref};

/// The parameters of the audit log.
pub(super) struct AuditParams;

impl Filter for AuditParams {
    type Value = ListAudit;

    fn read(query: &mut Fields) -> ListAudit {
        let filter = AuditFilter {
            entity: query.word("entity", AuditEntity::from_name, AuditEntity::WORDS),
            entity_id: query.optional("entityId", word),
            actor: None,
            action: query.word("action", AuditAction::from_name, AuditAction::WORDS),
            from: query.optional("from", Moment::parse_start),
            to: query.optional("to", Moment::parse_start),
            batch: query.id("batch").map(BatchId::new),
            request_id: query.optional("requestId", word),
        };
        ListAudit { filter, actor: query.optional("actor", user_ref) }
    }
}

fn word(text: &str) -> Result<String, TextError> {
    single_line(text, 200)
}

#[cfg(test)]
mod tests {
    use haat_domain::audit::AuditKey;
    use serde_json::{Value, json};

    use super::*;
    use haat_http_core::{ListQuery, Problem, encode_cursor};

    fn parse(query: &Value) -> Result<ListQuery<AuditKey, ListAudit>, Problem> {
        ListQuery::parse("/admin/audit", Fields::new(query.as_object().unwrap().clone()), AuditParams::read)
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
