//! Conditions as EXPLAIN prints them: `((tenant_id = $1) AND (id = r.retailer_id))`.

/// A side of an equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side<'a> {
    /// A column of the scanned table itself.
    Own(&'a str),
    /// A column of another table of the statement: its alias and its name.
    Other(&'a str, &'a str),
    /// Anything else: a parameter, a constant, the result of a sub-query.
    Value,
}

/// Returns the equalities that hold whenever the condition does: those of each part of a conjunction, and those that all
/// alternatives of a disjunction have in common.
pub(crate) fn equalities(condition: &str) -> Vec<(Side<'_>, Side<'_>)> {
    let condition = unwrapped(condition);
    if let Some((first, rest)) = split(condition, " AND ") {
        return [equalities(first), equalities(rest)].concat();
    }
    if let Some((first, rest)) = split(condition, " OR ") {
        let rest = equalities(rest);
        return equalities(first).into_iter().filter(|equality| rest.contains(equality)).collect();
    }
    split(condition, " = ").map(|(left, right)| (side(left), side(right))).into_iter().collect()
}

/// Removes the parentheses around the whole text.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match inner {
        Some(inner) if is_balanced(inner) => unwrapped(inner),
        _ => text,
    }
}

/// Returns `true` if every parenthesis of the text is closed in it.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0;
    for (_, byte) in unquoted(text) {
        depth += nesting(byte);
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// Splits at the first separator outside parentheses and quotes.
fn split<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0;
    for (at, byte) in unquoted(text) {
        depth += nesting(byte);
        if depth == 0
            && let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix(separator))
        {
            return Some((&text[..at], rest));
        }
    }
    None
}

const fn nesting(byte: u8) -> i32 {
    match byte {
        b'(' => 1,
        b')' => -1,
        _ => 0,
    }
}

/// Returns the bytes outside quotes, with their positions. A quote inside quotes is doubled, so it needs no rule of its own.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, u8)> + '_ {
    let mut quote = None;
    text.bytes().enumerate().filter(move |(_, byte)| match quote {
        Some(open) => {
            if open == *byte {
                quote = None;
            }
            false
        }
        None if matches!(byte, b'\'' | b'"') => {
            quote = Some(*byte);
            false
        }
        None => true,
    })
}

fn side(text: &str) -> Side<'_> {
    let text = unwrapped(text);
    match text.split_once('.') {
        Some((alias, column)) if is_name(alias) && is_name(column) => Side::Other(alias, column),
        None if is_name(text) => Side::Own(text),
        _ => Side::Value,
    }
}

/// Returns `true` for names, and not for parameters (`$1`) and constants (`1`, `'a'::text`). No name in Haat needs quotes.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: Side<'static> = Side::Own("tenant_id");

    #[test]
    fn finds_equalities_of_a_conjunction() {
        assert_eq!(equalities("(tenant_id = $1)"), [(TENANT, Side::Value)]);
        assert_eq!(
            equalities(
                "((tenant_id = r.tenant_id) AND (ROW(name, id) > ROW($2, $3)) AND (id = (a.retailer_id)))"
            ),
            [(TENANT, Side::Other("r", "tenant_id")), (Side::Own("id"), Side::Other("a", "retailer_id"))]
        );
        assert_eq!(equalities("(tenant_id = ANY ($1))"), [(TENANT, Side::Value)]);
        assert_eq!(equalities("(slug = 'a) AND (b'::text)"), [(Side::Own("slug"), Side::Value)]);
        assert_eq!(equalities("(1 = tenant_id)"), [(Side::Value, TENANT)]);
        let both = "(((tenant_id = $1) AND (a = $2)) OR ((tenant_id = $1) AND (b = $3) AND (a IS NULL)))";
        assert_eq!(equalities(both), [(TENANT, Side::Value)]);
    }

    #[test]
    fn ignores_equalities_that_do_not_restrict_the_condition() {
        for condition in [
            "((tenant_id = $1) OR (id = $2))",
            "(NOT (tenant_id = $1))",
            "(tenant_id > $1)",
            "(tenant_id IS NOT NULL)",
            "(name ~~ 'tenant_id = 1'::text)",
        ] {
            let found = equalities(condition);
            assert!(found.iter().all(|(left, right)| *left != TENANT && *right != TENANT), "{condition}");
        }
    }
}
