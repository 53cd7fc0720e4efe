//! Search keys: the text that a search matches against, built the same way from stored values and from search
//! terms.

use super::RetailerUid;
use crate::shared::{Phone, fold_char, nfkc};

/// Removes differences that users do not mean: upper and lower case, full-width forms, Bangla and Latin
/// digits, ড় as one or two code points, invisible joiners, ষ্ট for স্ট, and runs of whitespace.
///
/// NFKC decomposes ড় ঢ় য় in both spellings and narrows full-width letters; it keeps Bangla digits and
/// joiners, so these are mapped here (Unicode Standard Annex 15; U+09DC, U+09DD and U+09DF are composition
/// exclusions).
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in nfkc(text).chars().flat_map(char::to_lowercase) {
        let Some(c) = fold_char(c) else {
            continue;
        };
        if !c.is_whitespace() && !c.is_control() {
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded.replace("ষ্ট", "স্ট")
}

/// Builds the search key of a retailer: name, uid and phone digits, each on a line of its own so that no
/// search matches across two of them. The phone digits start with 880 and so contain the number as dialled
/// (`0171…`).
#[must_use]
pub fn search_key(name: &str, uid: &RetailerUid, phone: Option<&Phone>) -> String {
    let phone = phone.map_or("", |phone| phone.as_str().trim_start_matches('+'));
    format!("{}\n{}\n{phone}", fold(name), fold(uid.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_equivalent_spellings_to_the_same_text() {
        for (a, b) in [
            ("RAHIM  Store", "rahim store"),
            ("স্টোর", "ষ্টোর"),
            ("বা\u{09DC}ি", "বা\u{09A1}\u{09BC}ি"),
            ("র\u{200D}্যাব", "র্যাব"),
            ("ক\u{200C}খ", "কখ"),
            ("দোকান ১২৩", "দোকান 123"),
            ("Ｓｔｏｒｅ", "store"),
            (" a\tb\n", "a b"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} / {b}");
        }
    }

    #[test]
    fn folding_is_idempotent() {
        for text in ["M/S  ভাই ভাই ষ্টোর", "İstanbul", "ﬁne", "য়\u{200D}", "  "]
        {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    #[test]
    fn the_search_key_puts_each_value_on_its_own_line() {
        let uid = RetailerUid::parse("RTL-0042").unwrap();
        let phone = Phone::parse("01711-234567").unwrap();
        let key = search_key("M/S Rahim Store", &uid, Some(&phone));
        assert_eq!(key, "m/s rahim store\nrtl-0042\n8801711234567");
        assert!(key.contains("01711234567"), "the number as dialled is inside the number with 880");
    }
}
