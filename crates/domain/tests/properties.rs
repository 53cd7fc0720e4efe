//! Properties of the value types that are parsed from texts: `parse` never panics, an accepted text keeps the limits of
//! its type, and parsing the value again returns the same value. Every run tests the same texts; `PROPTEST_CASES=100000`
//! tests more of them.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fmt::Debug;

use haat_domain::auth::{LoginName, PersonName, Username};
use haat_domain::change::IdempotencyKey;
use haat_domain::retailer::{Notes, RetailerName, RetailerUid, search_key};
use haat_domain::shared::{Phone, SearchMatch, SearchText};
use haat_domain::tenancy::TenantName;
use haat_domain::territory::PlaceName;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").map_or(100, |cases| cases.parse().unwrap());
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Texts as people type or paste them: English and Bangla, in several spellings, with invisible characters, line breaks
/// and signs, mixed with arbitrary characters. Some are empty, some are longer than the longest value.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => "[a-zA-Z0-9 ._-]{1,12}",
        6 => "[\u{0980}-\u{09FF}]{1,8}",
        2 => r#"[ \t\r\n;|/'"&+()@,]{1,3}"#,
        2 => "[\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2069}\u{2028}\u{2029}\u{FEFF}\u{00AD}\u{3164}]",
        1 => "[Ａ-Ｚ０-９]{1,4}",
        1 => any::<char>().prop_map(String::from),
        1 => Just("ক".repeat(150)),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// Mobile numbers in E.164 format.
fn number() -> impl Strategy<Value = String> {
    "\\+8801[3-9][0-9]{8}"
}

/// Asserts that a parsed text keeps the limit and that parsing it again returns the same value.
fn assert_stable<T: PartialEq + Debug, E: PartialEq + Debug>(
    value: &T,
    text: &str,
    max: usize,
    parse: impl Fn(&str) -> Result<T, E>,
) {
    assert!((1..=max).contains(&text.chars().count()), "{text:?}");
    assert_eq!(parse(text).as_ref(), Ok(value));
}

/// Asserts the same of a line, which also has no surrounding whitespace and no control characters.
fn assert_line<T: PartialEq + Debug, E: PartialEq + Debug>(
    text: &str,
    max: usize,
    parse: impl Fn(&str) -> Result<T, E>,
    as_str: impl Fn(&T) -> &str,
) {
    if let Ok(value) = parse(text) {
        let line = as_str(&value);
        assert_stable(&value, line, max, parse);
        assert_eq!(line, line.trim());
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn names_are_one_line_within_their_limit(text in text()) {
        assert_line(&text, RetailerName::MAX, RetailerName::parse, RetailerName::as_str);
        assert_line(&text, PersonName::MAX, PersonName::parse, PersonName::as_str);
        assert_line(&text, PlaceName::MAX, PlaceName::parse, PlaceName::as_str);
        assert_line(&text, TenantName::MAX, TenantName::parse, TenantName::as_str);
    }

    #[test]
    fn names_longer_than_the_limit_are_rejected(name in "[ক-হ]{199,202}") {
        let is_short_enough = name.chars().count() <= RetailerName::MAX;
        prop_assert_eq!(RetailerName::parse(&name).is_ok(), is_short_enough);
        prop_assert_eq!(PersonName::parse(&name).is_ok(), is_short_enough);
        prop_assert_eq!(PlaceName::parse(&name).is_ok(), is_short_enough);
    }

    #[test]
    fn notes_keep_their_limit(text in text()) {
        if let Ok(Some(notes)) = Notes::parse(&text) {
            assert_stable(&Some(notes.clone()), notes.as_str(), Notes::MAX, Notes::parse);
        }
    }

    #[test]
    fn phones_are_bangladeshi_mobile_numbers(text in prop_oneof![text(), "[+0-9 .()-]{0,18}", number()]) {
        if let Ok(phone) = Phone::parse(&text) {
            assert_stable(&phone, phone.as_str(), 14, Phone::parse);
            let digits = phone.as_str().strip_prefix("+8801").unwrap();
            prop_assert_eq!(digits.len(), 9);
            prop_assert!(digits.bytes().all(|digit| digit.is_ascii_digit()) && digits >= "3");
            prop_assert_eq!(Phone::parse(&phone.national()), Ok(phone));
        }
    }

    #[test]
    fn every_spelling_of_a_phone_is_the_same_number(
        number in number(),
        prefix in prop_oneof![Just("+880"), Just("880"), Just("00880"), Just("0"), Just("")],
        separators in proptest::collection::vec("[ ()-]{0,2}", 10),
        bangla in any::<bool>(),
    ) {
        let digits = number.strip_prefix("+880").unwrap().chars().zip(&separators);
        let typed: String = digits.flat_map(|(digit, separator)| separator.chars().chain([digit])).collect();
        let mut typed = format!("{prefix}{typed}");
        if bangla {
            let to_bangla = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x09E6 + digit)).unwrap_or(c);
            typed = typed.chars().map(to_bangla).collect();
        }
        prop_assert_eq!(Phone::parse(&typed), Phone::parse(&number), "{}", typed);
    }

    #[test]
    fn usernames_are_lower_case_and_never_phones(text in prop_oneof![text(), "[a-zA-Z0-9._-]{1,66}"]) {
        if let Ok(username) = Username::parse(&text) {
            let name = username.as_str();
            assert_stable(&username, name, Username::MAX, Username::parse);
            prop_assert!(name.len() >= Username::MIN);
            prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b)));
            prop_assert_eq!(Username::parse(&name.to_uppercase()), Ok(username.clone()));
            prop_assert_eq!(LoginName::guess(&text), Some(LoginName::Username(username)));
        }
    }

    #[test]
    fn uids_are_plain_segments_of_a_path(text in prop_oneof![text(), "[a-zA-Z0-9._-]{1,42}", "\\.{0,3}"]) {
        if let Ok(uid) = RetailerUid::parse(&text) {
            assert_stable(&uid, uid.as_str(), RetailerUid::MAX, RetailerUid::parse);
            assert_stable(&uid, &uid.to_string(), RetailerUid::MAX, RetailerUid::parse);
            prop_assert!(uid.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
            prop_assert!(![".", ".."].contains(&uid.as_str()));
        }
    }

    #[test]
    fn searching_for_a_whole_value_finds_its_retailer(
        name in text(),
        uid in "[a-zA-Z0-9._-]{3,40}",
        number in number(),
    ) {
        let (Ok(name), Ok(uid)) = (RetailerName::parse(&name), RetailerUid::parse(&uid)) else {
            return Ok(());
        };
        let phone = Phone::parse(&number).unwrap();
        let key = search_key(name.as_str(), &uid, Some(&phone));
        for typed in [name.as_str(), uid.as_str(), &number, &phone.national()] {
            if let Ok(search) = SearchText::parse(typed) {
                prop_assert!(search.is_in(&key, SearchMatch::Text), "{typed:?} in {key:?}");
            }
        }
    }

    #[test]
    fn search_texts_keep_their_limit(text in text()) {
        if let Ok(search) = SearchText::parse(&text) {
            for part in search.texts() {
                prop_assert!((1..=SearchText::MAX).contains(&part.chars().count()), "{part:?}");
                prop_assert!(!part.chars().any(char::is_control), "{part:?}");
            }
        }
    }

    #[test]
    fn idempotency_keys_are_visible_ascii(text in prop_oneof![text(), "[!-~]{1,260}"]) {
        if let Ok(key) = IdempotencyKey::parse(&text) {
            assert_stable(&key, key.as_str(), IdempotencyKey::MAX, IdempotencyKey::parse);
            prop_assert!(key.as_str().bytes().all(|b| b.is_ascii_graphic()));
        }
    }
}
