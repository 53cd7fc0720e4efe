use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Code, Problem};

/// Raised when the layout of cursors changes, so that an old one is refused instead of misread.
const VERSION: u8 = 1;

/// What a cursor says: which list it belongs to, and the key of the last row seen. It is no secret and grants
/// nothing: the rows after it are looked up in the caller's own scope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<List, Key> {
    v: u8,
    l: List,
    k: Key,
}

/// A cursor for the rows after `key` of the list that `list` names (its filter and sort).
pub(crate) fn encode<Key: Serialize>(list: &str, key: Key) -> String {
    // Writing plain data to a String cannot fail; an empty cursor would be refused when it comes back.
    let json = serde_json::to_vec(&Envelope { v: VERSION, l: list, k: key }).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(json)
}

/// The key in a cursor, if it is one of ours and of that list.
pub(crate) fn decode<Key: DeserializeOwned>(list: &str, cursor: &str) -> Option<Key> {
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let envelope: Envelope<String, Key> = serde_json::from_slice(&json).ok()?;
    (envelope.v == VERSION && envelope.l == list).then_some(envelope.k)
}

/// The key in the cursor that a request sends, if it sends one.
///
/// # Errors
/// 400 for one that is not of that list.
pub(crate) fn of<Key: DeserializeOwned>(list: &str, cursor: Option<&str>) -> Result<Option<Key>, Problem> {
    cursor.map(|cursor| decode(list, cursor).ok_or(Problem::new(Code::InvalidCursor))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let cursor = encode("name", ("রহিম স্টোর", "RTL-1"));
        let key: Option<(String, String)> = decode("name", &cursor);
        assert_eq!(key, Some(("রহিম স্টোর".into(), "RTL-1".into())));
        assert_eq!(decode::<(String, String)>("-name", &cursor), None, "another sort");
        assert_eq!(decode::<String>("name", &cursor), None, "another key");
    }

    #[test]
    fn anything_else_is_refused() {
        let old = URL_SAFE_NO_PAD.encode(r#"{"v":0,"l":"uid","k":"RTL-1"}"#);
        for bad in ["", "x", "!!!", "bm90IGpzb24", &old, &format!("{}=", encode("uid", "RTL-1"))] {
            assert_eq!(decode::<String>("uid", bad), None, "{bad}");
        }
    }
}
