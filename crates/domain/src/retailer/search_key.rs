//! The search key of a retailer: the text that a search matches against.

use super::RetailerUid;
use crate::shared::{Phone, fold};

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
    use crate::shared::{SearchMatch, SearchText};

    #[test]
    fn the_search_key_puts_each_value_on_its_own_line() {
        let uid = RetailerUid::parse("RTL-0042").unwrap();
        let phone = Phone::parse("01711-234567").unwrap();
        let key = search_key("M/S Rahim Store", &uid, Some(&phone));
        assert_eq!(key, "m/s rahim store\nrtl-0042\n8801711234567");
        assert!(key.contains("01711234567"), "the number as dialled is inside the number with 880");
    }

    fn matches(typed: &str) -> bool {
        let uid = RetailerUid::parse("RTL-0042").unwrap();
        let phone = Phone::parse("01711-234567").unwrap();
        let key = search_key("মা ষ্টোর & Rahim Store", &uid, Some(&phone));
        SearchText::parse(typed).unwrap().is_in(&key, SearchMatch::Text)
    }

    #[test]
    fn matches_any_part_of_name_uid_and_phone_in_any_spelling() {
        for typed in [
            "স্টোর",
            "ষ্টোর",
            "মা\u{200C} স্টোর",
            "rahim",
            "RAHIM  STORE",
            "him sto",
            "rtl-0042",
            "0042",
            "৪২",
            "01711",
            "০১৭১১",
            "+880 1711-234567",
            "01711 234 567",
            "(880) 1711",
            "008801711",
            "+88",
            "234567",
            "&",
        ] {
            assert!(matches(typed), "{typed}");
        }
        for typed in ["karim", "01712", "0042 8801", "%", "_", "\\"] {
            assert!(!matches(typed), "{typed}");
        }
    }

    #[test]
    fn matches_words_in_any_order_and_either_script() {
        let uid = RetailerUid::parse("RTL-0042").unwrap();
        let phone = Phone::parse("01711-234567").unwrap();
        let matching = |name: &str, typed: &str| {
            let (key, search) = (search_key(name, &uid, Some(&phone)), SearchText::parse(typed).unwrap());
            let by = |matching| search.is_in(&key, matching);
            assert_eq!(
                by(SearchMatch::TextOrWords),
                by(SearchMatch::Text) || by(SearchMatch::WordsOnly),
                "{typed}"
            );
            assert!(!(by(SearchMatch::Text) && by(SearchMatch::WordsOnly)), "{typed}");
            by(SearchMatch::WordsOnly)
        };
        for typed in [
            "store rahim",
            "sto rah",
            "রহিম স্টোর",
            "স্টোর রহিম",
            "রহিম store",
            "raheem",
            "store 01711",
            "0042 him",
        ] {
            assert!(matching("Rahim Store", typed), "{typed}");
        }
        for typed in
            ["rahim store", "ra store", "r store", "rahim", "store karim", "রহি", "01711 23", "42", "rahima"]
        {
            assert!(!matching("Rahim Store", typed), "{typed}");
        }
        for typed in ["nur", "noor", "nur store", "store nur"] {
            assert!(matching("নূর স্টোর", typed), "{typed}");
        }
        assert!(!matching("নূরজাহান স্টোর", "nur"), "only a whole word has the sound");
        assert!(!matching("A&B Store", "রতল"), "a uid has no sound");
    }
}
