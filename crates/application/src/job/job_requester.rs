use haat_domain::auth::{AuthState, AuthStateReader};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::shared::{Actor, Allowed, PermissionType};

/// Returns the user who requested a job, if they may still act and have the permission.
pub(crate) async fn job_requester<P: PermissionType>(
    auth_states: &dyn AuthStateReader,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Allowed<P>>, StorageFailure> {
    let auth_state = auth_states.find(tenant, user, None).await?.filter(AuthState::may_act);
    let actor = auth_state.map(|auth_state| Actor::of(tenant, user, None, auth_state));
    Ok(actor.and_then(|actor| Allowed::check(actor).ok()))
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{MockAuthStateReader, SecondFactor};
    use haat_domain::shared::Role;

    use super::*;
    use crate::shared::ManageRetailers;

    #[tokio::test]
    async fn requesters_who_may_no_longer_act_are_rejected() {
        let auth_state = AuthState {
            role: Role::Admin,
            active: true,
            must_change_password: false,
            second_factor: SecondFactor::Off,
            token_version: 9,
            session_ended: true,
        };
        for (auth_state, may) in [
            (auth_state, true),
            (AuthState { role: Role::SalesRep, ..auth_state }, false),
            (AuthState { active: false, ..auth_state }, false),
            (AuthState { must_change_password: true, ..auth_state }, false),
            (AuthState { second_factor: SecondFactor::Due, ..auth_state }, false),
            (AuthState { second_factor: SecondFactor::On, ..auth_state }, true),
        ] {
            let mut auth_states = MockAuthStateReader::new();
            auth_states.expect_find().returning(move |_, _, _| Ok(Some(auth_state)));
            let requester = job_requester(&auth_states, TenantId::new(1), UserId::new(7)).await.unwrap();
            let requester: Option<Allowed<ManageRetailers>> = requester;
            assert_eq!(requester.is_some(), may, "{auth_state:?}");
        }
    }
}
