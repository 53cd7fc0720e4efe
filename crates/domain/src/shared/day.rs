use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// How far the clocks of Dhaka are ahead, all the year round.
const AHEAD: TimeDelta = TimeDelta::hours(6);

/// When a civil day begins in Dhaka; `None` beyond the end of the calendar.
#[must_use]
pub fn start_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    day.and_time(NaiveTime::MIN).and_utc().checked_sub_signed(AHEAD)
}

/// The civil day it is in Dhaka.
#[must_use]
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.checked_add_signed(AHEAD).unwrap_or(at).date_naive()
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    #[test]
    fn a_day_begins_in_dhaka_six_hours_before_it_does_in_utc() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let start = start_of_day(day).unwrap();
        assert_eq!(start.to_rfc3339(), "2026-11-19T18:00:00+00:00");
        assert_eq!(day_of(start), day);
        assert_eq!(day_of(start - TimeDelta::microseconds(1)), day - Days::new(1));
    }
}
