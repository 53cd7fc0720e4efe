use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

use super::id;

/// What was sent and answered when the stories of `postman/` ran: `scripts/openapi --record` writes it anew.
const RECORDED: &str = include_str!("examples.json");

#[derive(Default, Deserialize)]
#[serde(default)]
struct Recorded {
    /// A body, by media type.
    request: BTreeMap<String, Value>,
    /// An answer, by status.
    responses: BTreeMap<String, Value>,
}

static EXAMPLES: LazyLock<BTreeMap<String, Recorded>> =
    LazyLock::new(|| serde_json::from_str(RECORDED).unwrap_or_default());

/// Shows what was sent and answered. An example that the endpoint has itself is left.
pub(super) fn describe(operation: &mut Operation) {
    let Some(recorded) = EXAMPLES.get(id(operation)) else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for (media_type, content) in &mut body.content {
            if let RefOr::T(content) = content
                && content.example.is_none()
            {
                content.example = recorded.request.get(media_type).cloned();
            }
        }
    }
    for (status, response) in &mut operation.responses.responses {
        let (RefOr::T(response), Some(answer)) = (response, recorded.responses.get(status)) else { continue };
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content
                && content.example.is_none()
            {
                content.example = Some(answer.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_can_be_read() {
        let read: Result<BTreeMap<String, Recorded>, _> = serde_json::from_str(RECORDED);
        assert!(read.is_ok(), "{:?}", read.err());
    }
}
