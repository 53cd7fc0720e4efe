use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::{FieldRule, text_value};

/// A time zone of the IANA database, such as `Asia/Dhaka`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(Tz);

/// The text is not the name of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the name of a time zone in the IANA database, such as Asia/Dhaka")]
pub struct TimeZoneError;

impl FieldRule for TimeZoneError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "IANA ডেটাবেসের একটি সময় অঞ্চলের নাম হতে হবে, যেমন Asia/Dhaka".to_owned()
    }
}

text_value!(TimeZone, TimeZoneError, max: 64, example: "Asia/Dhaka");

impl TimeZone {
    /// The time zone of Bangladesh: UTC+6 without daylight saving time.
    pub const DHAKA: Self = Self(Tz::Asia__Dhaka);

    /// Coordinated Universal Time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The step at which the end of a missing hour is searched. All changes of clocks since 1972 are multiples of it.
    const STEP: TimeDelta = TimeDelta::minutes(15);

    /// Parses the name of a time zone.
    ///
    /// # Errors
    /// [`TimeZoneError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TimeZoneError> {
        text.parse().map(Self).map_err(|_unknown| TimeZoneError)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }

    /// Returns the clock of this zone at a time.
    #[must_use]
    pub fn local(self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.0)
    }

    /// Returns the calendar day at this time.
    #[must_use]
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date_naive()
    }

    /// Returns the start of a calendar day: midnight, the earlier one of two, or the end of the hour that is missing at midnight.
    /// `None` if it is outside the range of the calendar.
    #[must_use]
    pub fn start_of_day(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let midnight = day.and_time(NaiveTime::MIN);
        let first =
            |steps| self.0.from_local_datetime(&midnight.checked_add_signed(Self::STEP * steps)?).earliest();
        // A day may be missing as a whole: Samoa had no 30 December 2011.
        (0..=96).find_map(first).map(|start| start.to_utc())
    }

    /// Returns the calendar days after `done` that have ended at a time, the oldest first.
    pub fn ended_days(self, done: NaiveDate, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
        let today = self.day_of(at);
        done.iter_days().skip(1).take_while(move |day| *day < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::parse(name).unwrap()
    }

    #[test]
    fn names_are_those_of_the_database() {
        for good in ["Asia/Dhaka", "UTC", "Etc/GMT+6", "America/Port-au-Prince"] {
            assert_eq!(TimeZone::parse(good).map(TimeZone::as_str), Ok(good));
        }
        for bad in ["", "Asia/Gotham", "asia/dhaka", "Asia Dhaka", "Asia/Dhaka'", "ঢাকা", "+06:00"] {
            assert_eq!(TimeZone::parse(bad), Err(TimeZoneError), "{bad:?}");
        }
    }

    #[test]
    fn days_start_at_the_first_moment_of_their_date() {
        for (name, date, start) in [
            ("Asia/Dhaka", "2026-11-20", "2026-11-19T18:00:00+00:00"),
            ("UTC", "2026-11-20", "2026-11-20T00:00:00+00:00"),
            // The hour from midnight is missing.
            ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00+00:00"),
            // The hour from midnight comes twice.
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00"),
            // The clock went forward by half an hour.
            ("Asia/Pyongyang", "2018-05-05", "2018-05-04T15:00:00+00:00"),
        ] {
            let (zone, date) = (zone(name), day(date));
            let found = zone.start_of_day(date).unwrap();
            assert_eq!(found.to_rfc3339(), start, "{name}");
            assert_eq!(zone.day_of(found), date, "{name}");
            assert!(zone.day_of(found - TimeDelta::microseconds(1)) < date, "{name}");
        }
        assert_eq!(
            TimeZone::UTC.start_of_day(NaiveDate::MAX).map(|start| start.date_naive()),
            Some(NaiveDate::MAX)
        );
    }

    #[test]
    fn ended_days_are_those_before_today() {
        let at = "2026-11-20T18:00:00Z".parse().unwrap();
        let days = |zone: TimeZone| zone.ended_days(day("2026-11-17"), at).collect::<Vec<_>>();
        assert_eq!(days(TimeZone::UTC), [day("2026-11-18"), day("2026-11-19")]);
        assert_eq!(days(TimeZone::DHAKA), [day("2026-11-18"), day("2026-11-19"), day("2026-11-20")]);
        assert_eq!(TimeZone::UTC.ended_days(day("2026-11-20"), at).count(), 0);
    }
}
