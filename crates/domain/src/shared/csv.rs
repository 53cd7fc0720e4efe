//! Values as cells of a CSV file that somebody may open in a spreadsheet, and back.
//!
//! A spreadsheet takes a cell that begins with one of a few signs for a formula, which may then send the sheet's content
//! anywhere. A leading `'` keeps it a text. Whole numbers with a sign are no formulas and stay
//! as they are.

use std::borrow::Cow;

/// A value as a cell.
#[must_use]
pub fn csv_cell(value: &str) -> Cow<'_, str> {
    if could_be_a_formula(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// The value in a cell: exactly one `'` is taken off, where [`csv_cell`] would have put one.
#[must_use]
pub fn csv_value(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|value| could_be_a_formula(value)).unwrap_or(cell)
}

fn could_be_a_formula(value: &str) -> bool {
    value.starts_with(['=', '+', '-', '@', '\t', '\'']) && !is_whole_number(value)
}

fn is_whole_number(value: &str) -> bool {
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_formula_is_a_text() {
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
    fn a_sign_that_nobody_put_there_stays() {
        for cell in ["'Abc", "'", "'+880", "'12", "' =1"] {
            assert_eq!(csv_value(cell), cell);
        }
        assert_eq!(csv_value("''+880"), "'+880", "one is taken off, not two");
    }

    #[test]
    fn every_text_comes_back_as_it_was() {
        let alphabet = ['=', '+', '-', '@', '\t', '\'', '1', '০', 'a', 'ক', ' ', ',', '"', '\n'];
        let mut chance: u64 = 7;
        let mut below = |n: usize| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(chance >> 33).unwrap() % n
        };
        let mut seen = std::collections::HashMap::new();
        for _ in 0..100_000 {
            let text: String = (0..below(6)).map(|_| alphabet[below(alphabet.len())]).collect();
            let cell = csv_cell(&text).into_owned();
            assert_eq!(csv_value(&cell), text, "{text:?}");
            assert!(!cell.starts_with(['=', '@', '\t']), "{cell:?}");
            assert_eq!(*seen.entry(cell).or_insert_with(|| text.clone()), text, "two texts are one cell");
        }
    }
}
