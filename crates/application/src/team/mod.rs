//! Teams of sales reps, and their members.

pub mod codes;
mod create_team;
mod members;
mod refusals;
mod snapshot;
mod teams;

pub use create_team::{CreateTeam, CreateTeamInput};
pub use members::TeamMembers;
pub use refusals::TeamError;
pub use teams::Teams;

/// The use cases of the HTTP API.
pub struct TeamUseCases {
    /// Lists, gets, updates and closes teams.
    pub teams: Teams,
    /// Creates teams.
    pub create: CreateTeam,
    /// The members of teams.
    pub members: TeamMembers,
}
