use chrono::{DateTime, Utc};

use crate::auth::{PersonName, Username};
use crate::shared::{
    AreaId, FieldRule, RegionId, SearchText, Targets, TeamId, UserId, line_value, text_value,
};
use crate::territory::NamedRef;

line_value! {
    /// The name of a team.
    TeamName, max: 200, example: "Dhanmondi North"
}

/// The state of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamState {
    /// The team can have members.
    Active,
    /// The team has no members and cannot be changed.
    Closed,
}

/// The word is not a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be active or closed")]
pub struct TeamStateError;

impl FieldRule for TeamStateError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "active বা closed হতে হবে".to_owned()
    }
}

text_value!(TeamState, TeamStateError, words: TeamState::WORDS);

impl TeamState {
    /// The words of all states.
    pub const WORDS: &'static [&'static str] = &["active", "closed"];

    /// Parses the word of a state.
    ///
    /// # Errors
    /// [`TeamStateError`] for any other text.
    pub fn parse(word: &str) -> Result<Self, TeamStateError> {
        match word {
            "active" => Ok(Self::Active),
            "closed" => Ok(Self::Closed),
            _ => Err(TeamStateError),
        }
    }

    /// Returns the word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// A user, as a team names its leaders and members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamUser {
    /// The id.
    pub id: UserId,
    /// The username.
    pub username: Username,
    /// The displayed name.
    pub name: PersonName,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The id.
    pub id: TeamId,
    /// The name, unique among the active teams of the tenant.
    pub name: TeamName,
    /// The home area. Only tenant-wide roles manage a team without one.
    pub area: Option<NamedRef>,
    /// The region of the home area.
    pub region: Option<RegionId>,
    /// The state.
    pub state: TeamState,
    /// The active users who lead the team, by name.
    pub leaders: Vec<TeamUser>,
    /// The number of members.
    pub members: i64,
    /// Raised by every change of the team and of its members, but not by a change of its leaders.
    pub version: i64,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

impl Team {
    /// Returns true if a permission that covers these targets covers the team.
    #[must_use]
    pub fn is_covered_by(&self, targets: &Targets) -> bool {
        let area = self.area.as_ref().map(|area| AreaId::new(area.id));
        targets.covers_team(self.id, area.zip(self.region))
    }

    /// Returns the team with the values of a patch. `region` is the region of its home area.
    #[must_use]
    pub fn patched(&self, patch: &TeamPatch, home: Option<(NamedRef, RegionId)>) -> Self {
        let (area, region) = match patch.area {
            None => (self.area.clone(), self.region),
            Some(_) => home.map_or((None, None), |(area, region)| (Some(area), Some(region))),
        };
        let name = patch.name.clone().unwrap_or_else(|| self.name.clone());
        Self { name, area, region, ..self.clone() }
    }
}

/// New values for a team. Absent values are left unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamPatch {
    /// The name.
    pub name: Option<TeamName>,
    /// The home area; `Some(None)` for none.
    pub area: Option<Option<AreaId>>,
}

/// A team to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTeam {
    /// The name.
    pub name: TeamName,
    /// The home area.
    pub area: Option<AreaId>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

/// The filter of a list of teams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamQuery {
    /// Part of the name.
    pub search: Option<SearchText>,
    /// The region of the home area.
    pub region: Option<RegionId>,
    /// The home area.
    pub area: Option<AreaId>,
    /// A user who leads the teams.
    pub leader: Option<UserId>,
    /// The state; any if `None`.
    pub state: Option<TeamState>,
    /// True for teams without an active leader, false for teams with one.
    pub leaderless: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(area: Option<(i64, i64)>) -> Team {
        Team {
            id: TeamId::new(7),
            name: TeamName::parse("North").unwrap(),
            area: area.map(|(id, _)| NamedRef { id, name: "Dhanmondi".into() }),
            region: area.map(|(_, region)| RegionId::new(region)),
            state: TeamState::Active,
            leaders: Vec::new(),
            members: 0,
            version: 1,
            created_at: DateTime::default(),
            updated_at: DateTime::default(),
        }
    }

    #[test]
    fn teams_are_covered_by_their_id_and_by_their_home_area() {
        let none = Targets::default;
        let all = Targets { all: true, ..none() };
        let region = Targets { regions: vec![RegionId::new(1)], ..none() };
        let area = Targets { areas: vec![AreaId::new(3)], ..none() };
        let led = Targets { teams: vec![TeamId::new(7)], ..none() };
        let other = Targets {
            regions: vec![RegionId::new(2)],
            areas: vec![AreaId::new(4)],
            teams: vec![TeamId::new(8)],
            ..none()
        };
        let targets = [all, region, area, led, other, none()];
        let covered = |area| targets.each_ref().map(|targets| team(area).is_covered_by(targets));
        assert_eq!(covered(Some((3, 1))), [true, true, true, true, false, false]);
        assert_eq!(covered(None), [true, false, false, true, false, false], "no home area");
    }

    #[test]
    fn a_patch_changes_only_the_given_values() {
        let before = team(Some((3, 1)));
        let name = TeamName::parse("South").ok();
        let renamed = before.patched(&TeamPatch { name: name.clone(), area: None }, None);
        assert_eq!(renamed, Team { name: name.unwrap(), ..before.clone() });
        let homeless = before.patched(&TeamPatch { name: None, area: Some(None) }, None);
        assert_eq!(homeless, team(None));
        let patch = TeamPatch { name: None, area: Some(Some(AreaId::new(4))) };
        let moved =
            before.patched(&patch, Some((NamedRef { id: 4, name: "Dhanmondi".into() }, RegionId::new(2))));
        assert_eq!(moved, team(Some((4, 2))));
    }
}
