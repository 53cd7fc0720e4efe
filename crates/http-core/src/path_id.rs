use actix_web::HttpRequest;

use super::{Problem, codes};

/// Parses an id in a path: decimal digits. Other text is a 404, like an unknown id.
///
/// # Errors
/// 404 for a text that is not an id.
pub fn path_id(text: &str) -> Result<i64, Problem> {
    let id = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    id.ok_or_else(|| Problem::new(&codes::NOT_FOUND))
}

/// Returns the id that the path of a request has under this name.
///
/// # Errors
/// 404 for a text that is not an id.
pub fn id_in_path(request: &HttpRequest, name: &str) -> Result<i64, Problem> {
    path_id(request.match_info().get(name).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_digits() {
        assert_eq!(path_id("42").unwrap(), 42);
        for bad in ["", "x", "+1", "-1", "1.0", "১", "99999999999999999999"] {
            assert_eq!(*path_id(bad).unwrap_err().code, codes::NOT_FOUND, "{bad}");
        }
    }
}
