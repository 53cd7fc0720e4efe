use super::{Problem, codes};

/// Parses an id in a path. Text that is not an id is a 404, like an unknown id.
pub(crate) fn path_id(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_not_an_id| Problem::new(&codes::NOT_FOUND))
}
