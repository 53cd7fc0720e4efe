//! Names of columns in files, in English and Bangla, and the meaning of cells. All kinds of files accept the same.

use haat_domain::shared::fold;

/// Other names of the column with the uid of a retailer, normalized except for blanks.
pub(crate) const UID_NAMES: &[&str] = &[
    "retaileruid",
    "retailerid",
    "retailercode",
    "shopuid",
    "shopid",
    "shopcode",
    "outletid",
    "outletcode",
    "আইডি",
    "দোকান আইডি",
    "দোকানের আইডি",
    "দোকানের কোড",
    "রিটেইলার কোড",
    "ইউআইডি",
];

/// Other names of the column with a phone number.
pub(crate) const PHONE_NAMES: &[&str] = &[
    "phonenumber",
    "phoneno",
    "mobile",
    "mobilenumber",
    "mobileno",
    "contactnumber",
    "contactno",
    "ফোন",
    "ফোন নম্বর",
    "মোবাইল",
    "মোবাইল নম্বর",
];

/// Names of the column with the employee code of a sales rep.
pub(crate) const EMPLOYEE_CODE_NAMES: &[&str] =
    &["employeecode", "employeeid", "srcode", "salesrepcode", "কর্মী কোড", "কর্মচারী কোড", "এসআর কোড"];

/// Returns the positions of a column in a normalized header. The first group of names that occurs counts: other names matter
/// only if the own name of the column is absent.
pub(crate) fn column_positions(header: &[String], groups: &[&[&str]]) -> Vec<usize> {
    let positions = |names: &&[&str]| -> Vec<usize> {
        // Bangla can be typed in several ways, so the known names are normalized too.
        let known: Vec<String> = names.iter().map(|name| column_key(name)).collect();
        header
            .iter()
            .zip(0..)
            .filter(|(name, _)| known.contains(name))
            .map(|(_, position)| position)
            .collect()
    };
    groups.iter().map(positions).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Normalizes the name of a column: folds case and removes blanks, `_`, `-` and `.`.
pub(crate) fn column_key(name: &str) -> String {
    fold(name).chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '.')).collect()
}

/// Returns true if a cell has a sign for "no value" instead of one: a dash, dots or `N/A`.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let is_dash = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.');
    let is_word = || ["n/a", "#n/a", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    !text.is_empty() && (text.chars().all(is_dash) || is_word())
}

/// The maximum number of characters of a cell that an error repeats.
const MAX_VALUE_CHARS: usize = 200;

/// Returns the beginning of a cell, as an error repeats it: without characters that the database cannot store.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_VALUE_CHARS).collect()
}
