//! Teams of sales reps. A team leader leads teams; a manager of areas has the teams whose home area is one of theirs.

mod member;
mod model;
mod ports;

pub use member::{Member, MemberChange, PresentTeam, TeamCandidate};
pub use model::{NewTeam, Team, TeamName, TeamPatch, TeamQuery, TeamState, TeamStateError, TeamUser};
pub use ports::{RosterReader, TeamReader, TeamTx, TeamWriter};

#[cfg(feature = "mock")]
pub use ports::{MockRosterReader, MockTeamReader, MockTeamWriter};
