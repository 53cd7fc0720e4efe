use std::sync::Arc;

use haat_application::shared::Changes;
use haat_application::team::{CreateTeam, TeamMembers, TeamUseCases, Teams};
use haat_http_core::{AppData, Context};

use super::Parts;
use crate::system::SystemClock;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_org::team::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    let db = &parts.storage.org;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    AppData::new(TeamUseCases {
        teams: Teams::new(db.clone(), changes.clone()),
        create: CreateTeam::new(changes.clone()),
        members: TeamMembers::new(db.clone(), changes),
    })
}
