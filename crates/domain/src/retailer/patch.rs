//! The changes that a sales rep may make to a retailer.

use chrono::{DateTime, Utc};

use super::{Retailer, RetailerUid};
use crate::change::{Caller, ExpectedVersions};
use crate::shared::{FieldRule, Targets, TextError, bangla_digits, multi_line, single_line};

/// Loyalty points: 0 to 1,000,000,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Points(i32);

/// The number is not a number of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number between 0 and {}", Points::MAX)]
pub struct PointsError;

impl FieldRule for PointsError {
    fn code(&self) -> &'static str {
        "out-of-range"
    }

    fn bangla(&self) -> String {
        format!("০ থেকে {}-এর মধ্যে পূর্ণ সংখ্যা হতে হবে", bangla_digits(Points::MAX))
    }
}

impl Points {
    /// The maximum.
    pub const MAX: i64 = 1_000_000_000;

    /// Parses a number of points.
    ///
    /// # Errors
    /// [`PointsError`] outside 0 to 1,000,000,000.
    pub fn parse(number: i64) -> Result<Self, PointsError> {
        match i32::try_from(number) {
            Ok(points) if (0..=Self::MAX).contains(&number) => Ok(Self(points)),
            _ => Err(PointsError),
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// The routes on which a retailer is visited: at most 20, each a line of at most 100 characters, without
/// duplicates. In a file they are one cell, separated by `;` or `|`, so no route can contain these
/// characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes(Vec<String>);

/// Reasons why routes are rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoutesError {
    /// More than [`Routes::MAX`] routes.
    #[error("must have at most {} routes", Routes::MAX)]
    TooMany,
    /// A route is not a valid line of text.
    #[error("route {number} {error}")]
    Route {
        /// The number of the route, from 1.
        number: usize,
        /// The error.
        error: TextError,
    },
    /// A route contains a separator of routes in files.
    #[error("route {number} must not contain ';' or '|'")]
    Separator {
        /// The number of the route, from 1.
        number: usize,
    },
    /// A route repeats an earlier one.
    #[error("route {number} repeats an earlier route; remove it")]
    Repeated {
        /// The number of the route, from 1.
        number: usize,
    },
}

impl FieldRule for RoutesError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooMany => "too-many",
            Self::Route { error, .. } => error.code(),
            Self::Separator { .. } => "invalid-characters",
            Self::Repeated { .. } => "repeated",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::TooMany => format!("সর্বোচ্চ {}টি রুট দেওয়া যায়", bangla_digits(Routes::MAX)),
            Self::Route { number, error } => format!("{} নম্বর রুট: {}", bangla_digits(number), error.bangla()),
            Self::Separator { number } => {
                format!("{} নম্বর রুটে ';' বা '|' থাকতে পারবে না", bangla_digits(number))
            }
            Self::Repeated { number } => {
                format!("{} নম্বর রুট আগেই দেওয়া হয়েছে; একটি বাদ দিন", bangla_digits(number))
            }
        }
    }
}

impl Routes {
    /// The maximum number of routes.
    pub const MAX: usize = 20;
    /// The maximum number of characters of one route.
    pub const MAX_LENGTH: usize = 100;

    /// Parses routes.
    ///
    /// # Errors
    /// [`RoutesError`].
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, RoutesError> {
        let mut routes: Vec<String> = Vec::new();
        for (text, number) in texts.into_iter().zip(1..) {
            if number > Self::MAX {
                return Err(RoutesError::TooMany);
            }
            let route =
                single_line(text, Self::MAX_LENGTH).map_err(|error| RoutesError::Route { number, error })?;
            if route.contains([';', '|']) {
                return Err(RoutesError::Separator { number });
            }
            if routes.contains(&route) {
                return Err(RoutesError::Repeated { number });
            }
            routes.push(route);
        }
        Ok(Self(routes))
    }

    /// Returns the routes.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// The notes about a retailer: at most 2,000 characters, on any number of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes(String);

impl Notes {
    /// The maximum number of characters.
    pub const MAX: usize = 2_000;

    /// Parses notes; `None` if they are empty.
    ///
    /// # Errors
    /// [`TextError`].
    pub fn parse(text: &str) -> Result<Option<Self>, TextError> {
        match multi_line(text, Self::MAX) {
            Ok(text) => Ok(Some(Self(text))),
            Err(TextError::Empty) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// New values for some attributes of a retailer; `None` leaves an attribute unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetailerPatch {
    /// Loyalty points.
    pub points: Option<Points>,
    /// Routes.
    pub routes: Option<Routes>,
    /// Notes; `Some(None)` clears them.
    pub notes: Option<Option<Notes>>,
}

/// A patch of one retailer by one caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchRetailer {
    /// The caller, who must still be allowed to act at the moment of the change.
    pub caller: Caller,
    /// The objects of the caller's permission, which must cover the retailer at the moment of the change.
    pub targets: Targets,
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The new values.
    pub patch: RetailerPatch,
    /// The versions of the retailer that the request accepts.
    pub expected: ExpectedVersions,
    /// The time of the change.
    pub at: DateTime<Utc>,
    /// The id of the request.
    pub request_id: String,
}

/// The result of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patched {
    /// The retailer as it is now. A patch without differences changes nothing: same version, no audit entry.
    Done(Box<Retailer>),
    /// The scope has no such retailer.
    NotFound,
    /// The retailer has another version than the expected ones: this one.
    Stale(i64),
    /// The caller is no longer allowed to act.
    CallerEnded,
    /// The grants of the caller have changed since the request began.
    CallerChanged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_points_from_0_to_a_billion() {
        for good in [0, 1, 1_000_000_000] {
            assert_eq!(i64::from(Points::parse(good).unwrap().get()), good);
        }
        for bad in [-1, 1_000_000_001, i64::MAX, i64::MIN] {
            assert_eq!(Points::parse(bad), Err(PointsError));
        }
    }

    #[test]
    fn rejects_too_many_invalid_and_repeated_routes() {
        let routes = Routes::parse([" Bazar ", "কলেজ রোড"]).unwrap();
        assert_eq!(routes.as_slice(), ["Bazar", "কলেজ রোড"]);
        assert_eq!(Routes::parse([]), Ok(Routes::default()));
        assert_eq!(Routes::parse(["A", "B", "A "]), Err(RoutesError::Repeated { number: 3 }));
        for bad in ["A;B", "|"] {
            assert_eq!(Routes::parse(["A", bad]), Err(RoutesError::Separator { number: 2 }));
        }
        let empty = RoutesError::Route { number: 2, error: TextError::Empty };
        assert_eq!(Routes::parse(["A", " "]), Err(empty));
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        assert_eq!(Routes::parse(many.iter().map(String::as_str)), Err(RoutesError::TooMany));
        assert!(Routes::parse(many.iter().take(20).map(String::as_str)).is_ok());
    }

    #[test]
    fn normalizes_and_limits_notes() {
        assert_eq!(Notes::parse(" a\r\nb\t ").unwrap().unwrap().as_str(), "a\nb");
        assert_eq!(Notes::parse(" \n "), Ok(None));
        assert_eq!(Notes::parse("a\0"), Err(TextError::Control));
        assert_eq!(Notes::parse(&"ক".repeat(2_001)), Err(TextError::TooLong { max: 2_000 }));
    }
}
