//! Names of columns in files, in English and Bangla. All kinds of files accept the same.

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

/// Normalizes the name of a column: folds case and removes blanks, `_`, `-` and `.`.
pub(crate) fn column_key(name: &str) -> String {
    fold(name).chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '.')).collect()
}
