use chrono::{DateTime, NaiveDate, Utc};

use haat_application::shared::stored_time;
use haat_domain::shared::TimeZone;

use super::Invalid;

/// The error for a value that is neither a time nor a date.
pub const NOT_A_MOMENT: Invalid = Invalid(
    "must be a time such as 2026-01-31T09:15:00Z or a date such as 2026-01-31",
    "2026-01-31T09:15:00Z-এর মতো সময় বা 2026-01-31-এর মতো তারিখ হতে হবে",
);

/// A point in time in a query: an instant, or a whole day in the time zone of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// An instant.
    Instant(DateTime<Utc>),
    /// A day.
    Day(NaiveDate),
}

impl Moment {
    /// Parses an RFC 3339 time or a date.
    ///
    /// # Errors
    /// [`Invalid`] for anything else, and for times that PostgreSQL cannot store.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if let Ok(day) = parse_date(text) {
            return Ok(Self::Day(day));
        }
        // A `+` that is not encoded as %2B arrives as a space.
        let with_plus = || text.rsplit_once(' ').map(|(time, offset)| format!("{time}+{offset}"));
        let time = DateTime::parse_from_rfc3339(text).ok();
        let time = time.or_else(|| DateTime::parse_from_rfc3339(&with_plus()?).ok());
        time.and_then(|time| stored_time(time.timestamp_micros())).map(Self::Instant).ok_or(NOT_A_MOMENT)
    }
}

impl Moment {
    /// Parses an RFC 3339 time or a date, which stands for the start of that day in Dhaka.
    ///
    /// # Errors
    /// [`Invalid`] like [`Moment::parse`].
    pub fn parse_start(text: &str) -> Result<DateTime<Utc>, Invalid> {
        match Self::parse(text)? {
            Self::Instant(at) => Ok(at),
            Self::Day(day) => TimeZone::DHAKA.start_of_day(day).ok_or(NOT_A_MOMENT),
        }
    }
}

/// Parses a date such as 2026-01-31. The length check limits the year to four digits, which PostgreSQL can store.
///
/// # Errors
/// [`Invalid`] for anything else.
pub fn parse_date(text: &str) -> Result<NaiveDate, Invalid> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    day.ok_or(Invalid("must be a date such as 2026-01-31", "2026-01-31-এর মতো তারিখ হতে হবে"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_dates_and_rfc_3339_times() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(Moment::parse("2026-11-20"), Ok(Moment::Day(day)));
        for (text, expected) in [
            ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z"),
            ("2026-11-20T06:00:00.123456+06:00", "2026-11-20T00:00:00.123456Z"),
            ("2026-11-20T06:00:00 06:00", "2026-11-20T00:00:00Z"),
            ("2026-11-20 06:00:00 06:00", "2026-11-20T00:00:00Z"),
        ] {
            assert_eq!(Moment::parse(text), Ok(Moment::Instant(expected.parse().unwrap())), "{text}");
        }
    }

    #[test]
    fn a_date_is_the_start_of_the_day_in_dhaka() {
        let start: DateTime<Utc> = "2026-11-19T18:00:00Z".parse().unwrap();
        assert_eq!(Moment::parse_start("2026-11-20"), Ok(start));
        assert_eq!(Moment::parse_start("2026-11-19T18:00:00Z"), Ok(start));
    }

    #[test]
    fn rejects_everything_else() {
        for bad in [
            "",
            "yesterday",
            "now",
            "20",
            "31-01-2026",
            "2026-1-31",
            "2026-02-30",
            "2026-13-01",
            "20260131",
            "+12026-01-31",
            "-20000-01-01",
            "+262142-12-31",
            "2026-01-31T09:15",
            "2026-11-20T00:00:00",
        ] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
            assert!(parse_date(bad).is_err(), "{bad}");
        }
    }
}
