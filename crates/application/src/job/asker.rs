use haat_domain::identity::{UserStanding, UserStandingReader};
use haat_domain::job::Attempt;
use haat_domain::shared::{StorageFailure, UserId};

use crate::shared::Actor;

/// Somebody who asked for a job, if they may still act.
pub(crate) async fn asker(
    standings: &dyn UserStandingReader,
    attempt: &Attempt,
    user: UserId,
) -> Result<Option<Actor>, StorageFailure> {
    let standing = standings.find(attempt.tenant, user, None).await?.filter(UserStanding::may_act);
    Ok(standing.map(|standing| Actor::of(attempt.tenant, user, None, standing)))
}
