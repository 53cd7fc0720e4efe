//! What a representative may change of a shop.

use chrono::{DateTime, Utc};

use super::{Retailer, RetailerUid};
use crate::identity::Caller;
use crate::shared::{Scope, TextError, multi_line, single_line};

/// Loyalty points: 0 to 1,000,000,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Points(i32);

/// A number that is no number of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 0 to {}", Points::MAX)]
pub struct PointsError;

impl Points {
    /// The most.
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

    /// The number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// The routes on which a shop is visited: at most 20, each a line of at most 100 characters, none twice. In a file they
/// are one cell, with `;` or `|` between them, so that none of them can have these signs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes(Vec<String>);

/// Why texts are no routes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoutesError {
    /// More than a shop can be on.
    #[error("must be at most {} routes", Routes::MAX)]
    TooMany,
    /// One of them is no line of text.
    #[error("route {number}: {error}")]
    Route {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        error: TextError,
    },
    /// One has a sign that stands between routes in files.
    #[error("route {number} must not contain ; or |")]
    Separator {
        /// Which, from 1.
        number: usize,
    },
    /// One is there twice.
    #[error("route {number} is there already")]
    Repeated {
        /// Which, from 1.
        number: usize,
    },
}

impl Routes {
    /// The most routes.
    pub const MAX: usize = 20;
    /// The most characters of one.
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

    /// The routes.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// What a representative wrote down of a shop: at most 2,000 characters, on any number of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes(String);

impl Notes {
    /// The most characters.
    pub const MAX: usize = 2_000;

    /// Parses notes; `None` when nothing is left of them.
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

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// New values for some of a shop's members; `None` leaves one as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetailerPatch {
    /// Loyalty points.
    pub points: Option<Points>,
    /// Routes.
    pub routes: Option<Routes>,
    /// Notes; `Some(None)` clears them.
    pub notes: Option<Option<Notes>>,
}

/// A patch, by whom, and of which shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchRetailer {
    /// Who changes it, and may still do so at that moment.
    pub caller: Caller,
    /// Among which shops it must be at that moment.
    pub scope: Scope,
    /// Which shop.
    pub uid: RetailerUid,
    /// What to change.
    pub patch: RetailerPatch,
    /// If given, the versions of which the shop must have one.
    pub expected: Option<Vec<i64>>,
    /// When.
    pub at: DateTime<Utc>,
    /// The request that asks for it.
    pub request_id: String,
}

/// What became of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patched {
    /// The shop as it is now. Where nothing was different it was left alone: same version, nothing in the audit log.
    Done(Box<Retailer>),
    /// No such shop in the scope.
    NotFound,
    /// It has another version than any expected.
    Stale,
    /// The caller may not act any more.
    CallerEnded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_bounded() {
        for good in [0, 1, 1_000_000_000] {
            assert_eq!(i64::from(Points::parse(good).unwrap().get()), good);
        }
        for bad in [-1, 1_000_000_001, i64::MAX, i64::MIN] {
            assert_eq!(Points::parse(bad), Err(PointsError));
        }
    }

    #[test]
    fn routes_are_few_short_and_different() {
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
    fn notes_have_lines_and_an_end() {
        assert_eq!(Notes::parse(" a\r\nb\t ").unwrap().unwrap().as_str(), "a\nb");
        assert_eq!(Notes::parse(" \n "), Ok(None));
        assert_eq!(Notes::parse("a\0"), Err(TextError::Control));
        assert_eq!(Notes::parse(&"ক".repeat(2_001)), Err(TextError::TooLong { max: 2_000 }));
    }
}
