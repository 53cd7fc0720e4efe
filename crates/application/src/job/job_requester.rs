use haat_domain::auth::{AuthState, AuthStateReader};
use haat_domain::change::ChangeTx;
use haat_domain::job::Attempt;
use haat_domain::shared::{BeginTransaction, StorageFailure, TenantId, UserId};

use super::JobFailure;
use crate::shared::{Actor, Allowed, ChangeError, PermissionType, begin_as};

/// The code of a job whose requester may no longer do this.
const CALLER_ENDED: JobFailure = JobFailure::Rejected("caller-ended");

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

/// Returns the requester of a job that only a user can request.
///
/// # Errors
/// [`JobFailure::Rejected`] if they may no longer act or do not have the permission.
pub(crate) async fn required_requester<P: PermissionType>(
    auth_states: &dyn AuthStateReader,
    attempt: &Attempt,
) -> Result<Allowed<P>, JobFailure> {
    let user = attempt.actor.ok_or(CALLER_ENDED)?;
    job_requester(auth_states, attempt.tenant, user).await?.ok_or(CALLER_ENDED)
}

/// Begins a transaction of a job in which the requester may still act. Not `Changes`: the transaction of the change also ends the
/// job, and there is no response to store.
pub(crate) async fn begin_job<P, Tx: ChangeTx + ?Sized>(
    db: &dyn BeginTransaction<Tx>,
    allowed: &Allowed<P>,
) -> Result<Box<Tx>, JobFailure> {
    begin_as(db, allowed).await.map_err(|error| match error {
        ChangeError::Storage(failure) => failure.into(),
        // The next attempt reads the requester again and goes on with the current grants.
        ChangeError::CallerChanged => JobFailure::Storage(StorageFailure::Contended(error.to_string())),
        _ => CALLER_ENDED,
    })
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{Grants, MockAuthStateReader, SecondFactor};
    use haat_domain::shared::Role;

    use super::*;
    use crate::shared::ManageRetailers;
    use crate::testing::auth_state;

    #[tokio::test]
    async fn requesters_who_may_no_longer_act_are_rejected() {
        let auth_state = AuthState { session_ended: true, ..auth_state(Role::Admin) };
        for (auth_state, may) in [
            (auth_state.clone(), true),
            (AuthState { grants: Grants::Role(Role::SalesRep), ..auth_state.clone() }, false),
            (AuthState { active: false, ..auth_state.clone() }, false),
            (AuthState { must_change_password: true, ..auth_state.clone() }, false),
            (AuthState { second_factor: SecondFactor::Due, ..auth_state.clone() }, false),
            (AuthState { second_factor: SecondFactor::On, ..auth_state }, true),
        ] {
            let mut auth_states = MockAuthStateReader::new();
            let found = auth_state.clone();
            auth_states.expect_find().returning(move |_, _, _| Ok(Some(found.clone())));
            let requester = job_requester(&auth_states, TenantId::new(1), UserId::new(7)).await.unwrap();
            let requester: Option<Allowed<ManageRetailers>> = requester;
            assert_eq!(requester.is_some(), may, "{auth_state:?}");
        }
    }
}
