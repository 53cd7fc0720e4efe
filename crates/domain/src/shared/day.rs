use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// The UTC offset of Dhaka, which has no daylight saving time.
const DHAKA_OFFSET: TimeDelta = TimeDelta::hours(6);

/// Returns the start of a calendar day in Dhaka; `None` if it is outside the range of the calendar.
#[must_use]
pub fn start_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    day.and_time(NaiveTime::MIN).and_utc().checked_sub_signed(DHAKA_OFFSET)
}

/// Returns the calendar day in Dhaka at this time.
#[must_use]
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.checked_add_signed(DHAKA_OFFSET).unwrap_or(at).date_naive()
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    #[test]
    fn a_day_in_dhaka_starts_six_hours_before_the_utc_day() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let start = start_of_day(day).unwrap();
        assert_eq!(start.to_rfc3339(), "2026-11-19T18:00:00+00:00");
        assert_eq!(day_of(start), day);
        assert_eq!(day_of(start - TimeDelta::microseconds(1)), day - Days::new(1));
    }
}
