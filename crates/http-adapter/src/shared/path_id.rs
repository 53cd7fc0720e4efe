use super::{Code, Problem};

/// The id in a path. What cannot be one is nobody's.
pub(crate) fn path_id(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_not_an_id| Problem::new(Code::NotFound))
}
