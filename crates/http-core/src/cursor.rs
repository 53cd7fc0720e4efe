use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Version of the cursor format. Increment it with every change of the format, so that old cursors are
/// rejected instead of misread.
const VERSION: u8 = 1;

/// The content of a cursor: the list it belongs to and the key of the last row of the page. It is not secret
/// and grants no access: the rows after the key are read in the caller's own scope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<List, Key> {
    v: u8,
    l: List,
    k: Key,
}

/// Encodes a cursor for the rows after `key` in `list`, which identifies the list with its filter and sort.
pub fn encode<Key: Serialize>(list: &str, key: Key) -> String {
    // Serializing plain data cannot fail; an empty cursor would be rejected when it is sent.
    let json = serde_json::to_vec(&Envelope { v: VERSION, l: list, k: key }).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(json)
}

/// Decodes the key in a cursor; `None` unless the cursor is valid and belongs to `list`.
#[must_use]
pub fn decode<Key: DeserializeOwned>(list: &str, cursor: &str) -> Option<Key> {
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let envelope: Envelope<String, Key> = serde_json::from_slice(&json).ok()?;
    (envelope.v == VERSION && envelope.l == list).then_some(envelope.k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_is_tied_to_its_list() {
        let cursor = encode("name", ("রহিম স্টোর", "RTL-1"));
        let key: Option<(String, String)> = decode("name", &cursor);
        assert_eq!(key, Some(("রহিম স্টোর".into(), "RTL-1".into())));
        assert_eq!(decode::<(String, String)>("-name", &cursor), None, "different sort");
        assert_eq!(decode::<String>("name", &cursor), None, "different key type");
    }

    #[test]
    fn rejects_invalid_cursors() {
        let old = URL_SAFE_NO_PAD.encode(r#"{"v":0,"l":"uid","k":"RTL-1"}"#);
        for bad in ["", "x", "!!!", "bm90IGpzb24", &old, &format!("{}=", encode("uid", "RTL-1"))] {
            assert_eq!(decode::<String>("uid", bad), None, "{bad}");
        }
    }
}
