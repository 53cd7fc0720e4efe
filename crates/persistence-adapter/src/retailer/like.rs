//! LIKE patterns.

/// Returns a LIKE pattern that matches a literal text anywhere.
pub(super) fn pattern(text: &str) -> String {
    format!("%{}%", escaped(text))
}

/// Returns a LIKE pattern for a literal text.
pub(super) fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
