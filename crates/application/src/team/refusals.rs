//! Errors of changing teams, and their refusals.

use haat_domain::shared::StorageFailure;
use haat_domain::team::TeamCandidate;

use super::codes::{IN_ANOTHER_TEAM, TEAM_CLOSED};
use crate::people::PersonError;
use crate::shared::{ChangeError, FieldError, Refusal, Refused, Text};

/// Errors of changing teams.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A grant to a leader was refused.
    #[error(transparent)]
    Leader(#[from] PersonError),
    /// These users are members of other teams.
    #[error("some users are in another team")]
    InAnotherTeam(Vec<FieldError>),
    /// The team is closed.
    #[error("the team is closed")]
    Closed,
}

impl Refusal for TeamError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Leader(error) => error.refuse(),
            Self::InAnotherTeam(errors) => {
                Refused { errors: errors.clone(), ..Refused::new(&IN_ANOTHER_TEAM) }
            }
            Self::Closed => Refused::new(&TEAM_CLOSED),
        }
    }
}

impl From<StorageFailure> for TeamError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// The caller manages areas, so the team must have a home area.
pub(super) fn area_required() -> ChangeError {
    let message = Text::fixed("is required", "দিতে হবে");
    ChangeError::Invalid(vec![FieldError::new("area", "required", message)])
}

/// Another active team has the name.
pub(super) fn name_taken() -> ChangeError {
    let message = Text::fixed("is already the name of another team", "অন্য একটি দলের এই নাম আছে");
    ChangeError::Taken(vec![FieldError::new("name", "taken", message)])
}

/// A field names users who do not exist in the caller's scope, or are not staff.
pub(super) fn unknown_users(field: &'static str, users: impl IntoIterator<Item = i64>) -> ChangeError {
    let error = |id: i64| {
        let message = Text::new(
            format!("no member of staff has this id: {id}"),
            format!("এই আইডির কোনো কর্মী নেই: {id}"),
        );
        FieldError::new(field, "not-found", message)
    };
    ChangeError::Invalid(users.into_iter().map(error).collect())
}

/// These users are members of other teams.
pub(super) fn in_another_team(field: &'static str, users: &[TeamCandidate]) -> TeamError {
    let error = |candidate: &TeamCandidate| {
        let user = candidate.username.as_str();
        let team = candidate.team.as_ref().map_or("", |team| team.name.as_str());
        let message =
            Text::new(format!("{user} is a member of the team {team}"), format!("{user} “{team}” দলের সদস্য"));
        FieldError::new(field, "in-another-team", message)
    };
    TeamError::InAnotherTeam(users.iter().map(error).collect())
}
