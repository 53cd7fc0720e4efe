use std::sync::Arc;

use haat_domain::change::{IdempotentRequest, StoredResponse};
use haat_domain::retailer::{
    PatchRetailer, Patched, Retailer, RetailerPatch, RetailerPatcher, RetailerReader, RetailerTx, RetailerUid,
};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::FoundRetailer;
use crate::shared::{Actor, IdempotencyError, Idempotent, Permission, Refusal, Refused, before, codes};

/// New values for a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRetailerInput {
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The new values.
    pub patch: RetailerPatch,
    /// The accepted versions of the retailer; `None` accepts every version.
    pub expected: Option<Vec<i64>>,
    /// The request id, for the audit log.
    pub request_id: String,
    /// The idempotency key and its request; `None` without a key.
    pub idempotent_request: Option<IdempotentRequest>,
}

/// Reasons why a retailer was not updated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateRetailerError {
    /// The retailer does not exist or is outside the caller's scope.
    #[error("retailer not found")]
    NotFound,
    /// The retailer's version is not among the accepted ones.
    #[error("the retailer has been changed in the meantime")]
    Stale,
    /// The caller may no longer act.
    #[error("the caller may no longer act")]
    CallerEnded,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for UpdateRetailerError {
    fn refuse(&self) -> Refused {
        match self {
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Stale => Refused::new(&codes::PRECONDITION_FAILED),
            Self::CallerEnded => Refused::new(&codes::TOKEN_REVOKED),
            Self::Idempotency(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Updates points, routes and notes of one of the caller's retailers.
pub struct UpdateRetailer {
    patcher: Arc<dyn RetailerPatcher>,
    db: Arc<dyn BeginTransaction<dyn RetailerTx>>,
    retailers: Arc<dyn RetailerReader>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl UpdateRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        patcher: Arc<dyn RetailerPatcher>,
        db: Arc<dyn BeginTransaction<dyn RetailerTx>>,
        retailers: Arc<dyn RetailerReader>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { patcher, db, retailers, maps, clock }
    }

    /// Updates the retailer and returns its new state. `stored_response` renders the response that is stored
    /// for replays.
    ///
    /// # Errors
    /// [`UpdateRetailerError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: UpdateRetailerInput,
        stored_response: &(dyn Fn(&FoundRetailer) -> StoredResponse + Sync),
    ) -> Result<Idempotent<FoundRetailer>, UpdateRetailerError> {
        let change = PatchRetailer {
            caller: actor.caller(),
            scope: actor.scope(Permission::UpdateRetailers),
            uid: input.uid,
            patch: input.patch,
            expected: input.expected,
            at: self.clock.now(),
            request_id: input.request_id,
        };
        match &input.idempotent_request {
            None => {
                // Reads the map before the change: a failure afterwards would hide the change from the
                // caller.
                let map = self.maps.read(actor.tenant).await?;
                let retailer = retailer_of(self.patcher.patch(&change).await?)?;
                let found = FoundRetailer { retailer, map };
                if found.has_complete_map() {
                    return Ok(Idempotent::Executed(found));
                }
                let map = self.maps.read_uncached(actor.tenant).await?;
                Ok(Idempotent::Executed(FoundRetailer { map, ..found }))
            }
            Some(idempotent_request) => {
                self.execute_with_key(actor, &change, idempotent_request, stored_response).await
            }
        }
    }

    async fn execute_with_key(
        &self,
        actor: &Actor,
        change: &PatchRetailer,
        idempotent_request: &IdempotentRequest,
        stored_response: &(dyn Fn(&FoundRetailer) -> StoredResponse + Sync),
    ) -> Result<Idempotent<FoundRetailer>, UpdateRetailerError> {
        // Reads that may use another connection come before or after the transaction, which holds one itself.
        let map = self.maps.read(actor.tenant).await?;
        let mut tx = self.db.begin().await?;
        let claim = tx.stored_responses().claim(actor.tenant, actor.user, idempotent_request).await?;
        if let Some(before) = before(claim) {
            tx.roll_back().await;
            return self.replay(actor, change, before?).await;
        }
        let patched = tx.retailers().patch(change).await?;
        let retailer = match retailer_of(patched) {
            Ok(retailer) => retailer,
            Err(error) => {
                tx.roll_back().await;
                return Err(error);
            }
        };
        let found = FoundRetailer { retailer, map };
        if !found.has_complete_map() {
            let reason = "the retailer is in a place that the map does not have yet".to_owned();
            return Err(StorageFailure::Contended(reason).into());
        }
        tx.stored_responses()
            .save(actor.tenant, actor.user, idempotent_request, &stored_response(&found))
            .await?;
        tx.commit().await?;
        Ok(Idempotent::Executed(found))
    }

    /// Returns the stored response of an earlier change if the caller may still read the retailer.
    async fn replay(
        &self,
        actor: &Actor,
        change: &PatchRetailer,
        stored_response: StoredResponse,
    ) -> Result<Idempotent<FoundRetailer>, UpdateRetailerError> {
        let visible = self.retailers.find(actor.tenant, change.scope, &change.uid).await?;
        visible.map(|_| Idempotent::Replayed(stored_response)).ok_or(UpdateRetailerError::NotFound)
    }
}

fn retailer_of(patched: Patched) -> Result<Retailer, UpdateRetailerError> {
    match patched {
        Patched::Done(retailer) => Ok(*retailer),
        Patched::NotFound => Err(UpdateRetailerError::NotFound),
        Patched::Stale => Err(UpdateRetailerError::Stale),
        Patched::CallerEnded => Err(UpdateRetailerError::CallerEnded),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::change::{Claim, IdempotencyKey, MockStoredResponseWriter};
    use haat_domain::retailer::{MockRetailerPatcher, MockRetailerReader, MockRetailerWriter, Points};
    use haat_domain::shared::{MockClock, Scope};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon, retailer, sales_map};

    fn input(idempotent_request: bool) -> UpdateRetailerInput {
        UpdateRetailerInput {
            uid: RetailerUid::parse("RTL-1").unwrap(),
            patch: RetailerPatch { points: Points::parse(7).ok(), ..RetailerPatch::default() },
            expected: Some(vec![1]),
            request_id: "r-1".into(),
            idempotent_request: idempotent_request.then(|| IdempotentRequest {
                key: IdempotencyKey::parse("k").unwrap(),
                route: "PATCH /retailers/RTL-1".into(),
                body_hash: [7; 32],
            }),
        }
    }

    fn stored_response(found: &FoundRetailer) -> StoredResponse {
        StoredResponse {
            status: 200,
            location: None,
            etag: None,
            body: found.retailer.uid.as_str().as_bytes().to_vec(),
        }
    }

    fn update(
        patcher: MockRetailerPatcher,
        db: Arc<OneTx<FakeTx<MockRetailerWriter>>>,
        visible: bool,
    ) -> UpdateRetailer {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_find().returning(move |_, _, _| Ok(visible.then(|| retailer(1))));
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        UpdateRetailer::new(Arc::new(patcher), db, Arc::new(retailers), Arc::new(maps), Arc::new(clock))
    }

    fn no_tx() -> Arc<OneTx<FakeTx<MockRetailerWriter>>> {
        Arc::new(OneTx::none())
    }

    #[tokio::test]
    async fn a_change_has_the_caller_scope_time_and_request_id() {
        let mut patcher = MockRetailerPatcher::new();
        patcher
            .expect_patch()
            .withf(|change| {
                change.caller == actor().caller()
                    && change.scope == Scope::Rep(actor().user)
                    && change.expected == Some(vec![1])
                    && change.at == noon()
                    && change.request_id == "r-1"
            })
            .times(1)
            .returning(|_| Ok(Patched::Done(Box::new(retailer(1)))));
        let result =
            update(patcher, no_tx(), true).execute(&actor(), input(false), &stored_response).await.unwrap();
        assert!(matches!(result, Idempotent::Executed(found) if found.retailer == retailer(1)));
    }

    #[tokio::test]
    async fn maps_each_outcome_to_its_error() {
        for (outcome, error) in [
            (Patched::NotFound, UpdateRetailerError::NotFound),
            (Patched::Stale, UpdateRetailerError::Stale),
            (Patched::CallerEnded, UpdateRetailerError::CallerEnded),
        ] {
            let mut patcher = MockRetailerPatcher::new();
            patcher.expect_patch().return_once(move |_| Ok(outcome));
            let result =
                update(patcher, no_tx(), true).execute(&actor(), input(false), &stored_response).await;
            assert_eq!(result, Err(error));
        }
    }

    fn tx(claim: Claim, outcome: Option<Patched>, saves: usize) -> Arc<OneTx<FakeTx<MockRetailerWriter>>> {
        let mut stored_responses = MockStoredResponseWriter::new();
        stored_responses.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
        stored_responses
            .expect_save()
            .times(saves)
            .withf(|_, _, idempotent_request, stored_response| {
                idempotent_request.key.as_str() == "k" && stored_response.body == b"RTL-1"
            })
            .returning(|_, _, _, _| Ok(()));
        let mut retailers = MockRetailerWriter::new();
        retailers
            .expect_patch()
            .times(usize::from(outcome.is_some()))
            .return_once(move |_| Ok(outcome.unwrap_or(Patched::NotFound)));
        Arc::new(OneTx::new(FakeTx::of(retailers).with_stored_responses(stored_responses)))
    }

    async fn execute_keyed(
        db: Arc<OneTx<FakeTx<MockRetailerWriter>>>,
        visible: bool,
    ) -> Result<Idempotent<FoundRetailer>, UpdateRetailerError> {
        update(MockRetailerPatcher::new(), db, visible).execute(&actor(), input(true), &stored_response).await
    }

    #[tokio::test]
    async fn saves_the_stored_response_in_the_same_transaction() {
        let db = tx(Claim::New, Some(Patched::Done(Box::new(retailer(1)))), 1);
        let committed = db.committed();
        assert!(matches!(execute_keyed(db, true).await, Ok(Idempotent::Executed(_))));
        assert!(committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn replays_the_stored_response_if_the_caller_may_still_read_the_retailer() {
        let stored =
            StoredResponse { status: 200, location: None, etag: Some("\"1\"".into()), body: b"{}".to_vec() };
        for (visible, expected) in
            [(true, Ok(Idempotent::Replayed(stored.clone()))), (false, Err(UpdateRetailerError::NotFound))]
        {
            assert_eq!(execute_keyed(tx(Claim::Completed(stored.clone()), None, 0), visible).await, expected);
        }
    }

    #[tokio::test]
    async fn executes_for_a_retailer_that_the_cache_lacks() {
        let db = tx(Claim::New, Some(Patched::Done(Box::new(retailer(1)))), 1);
        assert!(matches!(execute_keyed(db, false).await, Ok(Idempotent::Executed(_))));
    }

    #[tokio::test]
    async fn a_rejected_key_changes_nothing() {
        for (claim, error) in
            [(Claim::KeyReused, IdempotencyError::KeyReused), (Claim::InFlight, IdempotencyError::InFlight)]
        {
            let db = tx(claim, None, 0);
            let committed = db.committed();
            assert_eq!(execute_keyed(db, true).await, Err(error.into()));
            assert!(!committed.load(Ordering::SeqCst));
        }
    }

    #[tokio::test]
    async fn a_rejected_change_saves_no_response() {
        let db = tx(Claim::New, Some(Patched::Stale), 0);
        let committed = db.committed();
        assert_eq!(execute_keyed(db, true).await, Err(UpdateRetailerError::Stale));
        assert!(!committed.load(Ordering::SeqCst));
    }
}
