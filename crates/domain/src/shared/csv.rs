//! Values as CSV cells that are safe to open in a spreadsheet, and back.
//!
//! A spreadsheet interprets a cell that begins with certain characters as a formula, which can send the
//! contents of the sheet to another server. A leading `'` makes the cell text. Whole numbers with a sign are
//! not formulas and stay unchanged.

use std::borrow::Cow;

use super::fold;

/// Encodes a value as a cell.
#[must_use]
pub fn csv_cell(value: &str) -> Cow<'_, str> {
    if could_be_formula(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// Decodes a cell: removes exactly one leading `'`, if [`csv_cell`] would have added it.
#[must_use]
pub fn csv_value(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|value| could_be_formula(value)).unwrap_or(cell)
}

fn could_be_formula(value: &str) -> bool {
    value.starts_with(['=', '+', '-', '@', '\t', '\'']) && !is_whole_number(value)
}

fn is_whole_number(value: &str) -> bool {
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Returns the values in a cell that has a list, separated by `;` or `|`. Blank values are skipped.
pub fn csv_list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '|']).filter(|value| !value.trim().is_empty())
}

/// Returns the whole number in a cell of a CSV file. Spreadsheets write `12.0` for columns with gaps, and users type Bangla
/// digits.
#[must_use]
pub fn csv_number(cell: &str) -> Option<i64> {
    let text = fold(cell);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_whole = fraction.bytes().all(|b| b == b'0') && whole.bytes().all(|b| b.is_ascii_digit());
    whole.parse().ok().filter(|_| is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole() {
        for (cell, number) in [("12", 12), (" 12.0 ", 12), ("12.00", 12), ("১২", 12), ("0", 0)] {
            assert_eq!(csv_number(cell), Some(number), "{cell}");
        }
        for other in ["", ".0", "12.5", "+12", "-1", "1e2", "x", "12.0.0", "99999999999999999999"] {
            assert_eq!(csv_number(other), None, "{other}");
        }
    }

    #[test]
    fn escapes_possible_formulas() {
        for (value, cell) in [
            ("=1+1", "'=1+1"),
            ("+1+1", "'+1+1"),
            ("-1-1", "'-1-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("'x", "''x"),
            ("'", "''"),
            ("+", "'+"),
            ("-", "'-"),
            ("--1", "'--1"),
            ("+১", "'+১"),
            ("-1.5", "'-1.5"),
            ("+8801711234567", "+8801711234567"),
            ("-7", "-7"),
            ("42", "42"),
            ("", ""),
            ("মা স্টোর", "মা স্টোর"),
            ("a=1", "a=1"),
            (" =1", " =1"),
        ] {
            assert_eq!(csv_cell(value), cell);
            assert_eq!(csv_value(cell), value);
        }
    }

    #[test]
    fn keeps_an_apostrophe_that_csv_cell_would_not_add() {
        for cell in ["'Abc", "'", "'+880", "'12", "' =1"] {
            assert_eq!(csv_value(cell), cell);
        }
        assert_eq!(csv_value("''+880"), "'+880", "removes one, not two");
    }

    #[test]
    fn round_trips_every_text() {
        let alphabet = ['=', '+', '-', '@', '\t', '\'', '1', '০', 'a', 'ক', ' ', ',', '"', '\n'];
        let mut state: u64 = 7;
        let mut random_below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % n
        };
        let mut seen = std::collections::HashMap::new();
        for _ in 0..100_000 {
            let text: String = (0..random_below(6)).map(|_| alphabet[random_below(alphabet.len())]).collect();
            let cell = csv_cell(&text).into_owned();
            assert_eq!(csv_value(&cell), text, "{text:?}");
            assert!(!cell.starts_with(['=', '@', '\t']), "{cell:?}");
            assert_eq!(
                *seen.entry(cell).or_insert_with(|| text.clone()),
                text,
                "two texts have the same cell"
            );
        }
    }
}
