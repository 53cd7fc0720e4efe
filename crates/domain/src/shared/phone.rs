use super::text::{fold_char, nfkc};
use super::{FieldRule, text_value};

/// A Bangladeshi mobile number in E.164, for example `+8801711234567`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Reasons why a text is not a Bangladeshi mobile number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// An empty text, a dash or `N/A`.
    #[error("must not be empty")]
    Empty,
    /// A number that a spreadsheet has converted to `1.71E+09` or `1711234567.0`.
    #[error("was converted by a spreadsheet; format the column as text and enter the number again")]
    Spreadsheet,
    /// Letters, or more than one number.
    #[error("must be a single phone number, without letters")]
    NotOneNumber,
    /// Not a mobile number of Bangladesh: wrong length, country or operator prefix (valid: 013 to 019).
    #[error(
        "must be a Bangladeshi mobile number: 11 digits that start with 013 to 019, such as 01711-234567"
    )]
    NotMobile,
}

impl FieldRule for PhoneError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::Spreadsheet => "spreadsheet-number",
            Self::NotOneNumber | Self::NotMobile => "invalid-phone",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::Empty => "খালি রাখা যাবে না",
            Self::Spreadsheet => "স্প্রেডশিট নম্বরটি বদলে ফেলেছে; কলামটি টেক্সট হিসেবে ফরম্যাট করে আবার লিখুন",
            Self::NotOneNumber => "অক্ষর ছাড়া একটিমাত্র ফোন নম্বর হতে হবে",
            Self::NotMobile => {
                "বাংলাদেশের মোবাইল নম্বর হতে হবে: ০১৩ থেকে ০১৯ দিয়ে শুরু ১১টি সংখ্যা, যেমন 01711-234567"
            }
        }
        .to_owned()
    }
}

text_value!(Phone, PhoneError);

impl Phone {
    /// Parses any common spelling: `01711-234567`, `8801711234567`, `+880 1711 234567`, `০১৭১১২৩৪৫৬৭`, and a
    /// number whose leading zero a spreadsheet has removed.
    ///
    /// # Errors
    /// [`PhoneError`] with the reason.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text: String = nfkc(text).chars().filter_map(fold_char).collect();
        let text = text.trim();
        let text = text.strip_prefix('\'').unwrap_or(text).trim();
        if matches!(text, "" | "-") || text.eq_ignore_ascii_case("n/a") {
            return Err(PhoneError::Empty);
        }
        if spreadsheet_number(text) {
            return Err(PhoneError::Spreadsheet);
        }
        let text: String = text.chars().filter(|c| !is_separator(*c)).collect();
        let (plus, digits) = text.strip_prefix('+').map_or((false, text.as_str()), |rest| (true, rest));
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::NotOneNumber);
        }
        let prefixes: &[&str] = if plus { &["880"] } else { &["00880", "880", "0", ""] };
        prefixes
            .iter()
            .filter_map(|prefix| digits.strip_prefix(prefix))
            .find(|national| is_mobile(national))
            .map(|national| Self(format!("+880{national}")))
            .ok_or(PhoneError::NotMobile)
    }

    /// Returns the number in E.164 format.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number in the national format, `01711-234567`, which spreadsheets do not convert.
    #[must_use]
    pub fn national(&self) -> String {
        let digits = self.0.strip_prefix("+880").unwrap_or(&self.0);
        let (operator, rest) = digits.split_at_checked(4).unwrap_or((digits, ""));
        format!("0{operator}-{rest}")
    }
}

impl std::fmt::Display for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns true if a character only separates the digits of a phone number. NFKC has made blanks of all widths the same.
pub(crate) const fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '‐' | '‒' | '–' | '—' | '−')
}

/// Recognizes `1.71E+09` and `1711234567.0`.
fn spreadsheet_number(text: &str) -> bool {
    let Some((whole, fraction)) = text.split_once('.') else {
        return false;
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let exponent = fraction.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        digits(mantissa) && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
    });
    digits(whole) && (exponent || (whole.len() >= 10 && fraction.bytes().all(|b| b == b'0')))
}

/// Recognizes ten digits: 1, an operator digit from 3 to 9, and eight more.
fn is_mobile(national: &str) -> bool {
    matches!(national.as_bytes(), [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_common_spellings_to_one_number() {
        for text in [
            "01700000141",
            "+8801700000141",
            "8801700000141",
            "008801700000141",
            "1700000141",
            "01700-000141",
            "017 0000 0141",
            "+880 1700-000141",
            "(017) 0000.0141",
            "০১৭০০০০০১৪১",
            "'01700000141",
            "01700000141 ",
            "\u{200B}01700000141",
            "\u{2066}01700000141\u{2069}",
            "(+88) 01700–000141",
            "(+880) 1700—000141",
            "０１７０００００１４１",
        ] {
            assert_eq!(Phone::parse(text).as_ref().map(Phone::as_str), Ok("+8801700000141"), "{text}");
        }
    }

    #[test]
    fn rejects_other_texts_with_the_reason() {
        for (text, error) in [
            ("", PhoneError::Empty),
            ("N/A", PhoneError::Empty),
            ("-", PhoneError::Empty),
            ("1.70E+09", PhoneError::Spreadsheet),
            ("1700000153.0", PhoneError::Spreadsheet),
            ("01700000154/01700000155", PhoneError::NotOneNumber),
            ("phone: 01700000156", PhoneError::NotOneNumber),
            ("0170000014", PhoneError::NotMobile),
            ("017000001466", PhoneError::NotMobile),
            ("01200000147", PhoneError::NotMobile),
            ("01100000148", PhoneError::NotMobile),
            ("0088017000001", PhoneError::NotMobile),
            ("+91 9800000000", PhoneError::NotMobile),
            ("+01700000141", PhoneError::NotMobile),
            ("02-9000000", PhoneError::NotMobile),
        ] {
            assert_eq!(Phone::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn parses_its_own_output() {
        let phone = Phone::parse("01911223344").unwrap();
        assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
    }

    #[test]
    fn parses_the_national_format_to_the_same_number() {
        let phone = Phone::parse("+8801711234567").unwrap();
        assert_eq!(phone.national(), "01711-234567");
        assert_eq!(Phone::parse(&phone.national()), Ok(phone));
    }
}
