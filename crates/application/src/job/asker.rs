use haat_domain::identity::{UserStanding, UserStandingReader};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::shared::Actor;

/// Somebody who asked for a job, if they may still act.
pub(crate) async fn asker(
    standings: &dyn UserStandingReader,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Actor>, StorageFailure> {
    let standing = standings.find(tenant, user, None).await?.filter(UserStanding::may_act);
    Ok(standing.map(|standing| Actor::of(tenant, user, None, standing)))
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{MockUserStandingReader, Role, SecondFactor};

    use super::*;

    #[tokio::test]
    async fn a_job_stops_for_who_may_not_act() {
        let standing = UserStanding {
            role: Role::Admin,
            active: true,
            must_change_password: false,
            second_factor: SecondFactor::Off,
            token_version: 9,
            session_ended: true,
        };
        for (standing, may) in [
            (standing, true),
            (UserStanding { active: false, ..standing }, false),
            (UserStanding { must_change_password: true, ..standing }, false),
            (UserStanding { second_factor: SecondFactor::Due, ..standing }, false),
            (UserStanding { second_factor: SecondFactor::On, ..standing }, true),
        ] {
            let mut standings = MockUserStandingReader::new();
            standings.expect_find().returning(move |_, _, _| Ok(Some(standing)));
            let asker = asker(&standings, TenantId::new(1), UserId::new(7)).await.unwrap();
            assert_eq!(asker.is_some(), may, "{standing:?}");
        }
    }
}
