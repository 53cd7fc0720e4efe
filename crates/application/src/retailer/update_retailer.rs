use std::sync::Arc;

use haat_domain::change::{ExpectedVersions, IdempotentRequest, StoredResponse};
use haat_domain::retailer::{
    PatchRetailer, Patched, Retailer, RetailerPatch, RetailerPatcher, RetailerReader, RetailerTx, RetailerUid,
};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::FoundRetailer;
use crate::shared::{Allowed, ChangeError, Rendered, Scopes, UpdateRetailers, before};

/// New values for a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRetailerInput {
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The new values.
    pub patch: RetailerPatch,
    /// The versions of the retailer that the request accepts.
    pub expected: ExpectedVersions,
    /// The request id, for the audit log.
    pub request_id: String,
    /// The idempotency key and its request; `None` without a key.
    pub idempotent_request: Option<IdempotentRequest>,
}

/// Updates points, routes and notes of one of the caller's retailers. It does not run through
/// [`Changes`](crate::shared::Changes), because one statement checks the caller, changes the retailer and writes the
/// audit entry; a transaction is needed only for an idempotency key, or to lock what a manager's scope depends on.
pub struct UpdateRetailer {
    patcher: Arc<dyn RetailerPatcher>,
    db: Arc<dyn BeginTransaction<dyn RetailerTx>>,
    retailers: Arc<dyn RetailerReader>,
    maps: Arc<dyn SalesMapReader>,
    scopes: Scopes,
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
        scopes: Scopes,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { patcher, db, retailers, maps, scopes, clock }
    }

    /// Updates the retailer and returns the response that `render` makes of its new state, or the stored response of
    /// an earlier request with the same idempotency key.
    ///
    /// # Errors
    /// [`ChangeError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<UpdateRetailers>,
        input: UpdateRetailerInput,
        render: impl FnOnce(&FoundRetailer) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let change = PatchRetailer {
            caller: allowed.caller(),
            targets: allowed.targets(),
            uid: input.uid,
            patch: input.patch,
            expected: input.expected,
            at: self.clock.now(),
            request_id: input.request_id,
        };
        match &input.idempotent_request {
            None if change.targets.scope().is_some() => {
                // Reads the map before the change: a failure afterwards would hide the change from the
                // caller.
                let map = self.maps.read(allowed.tenant).await?;
                let retailer = retailer_of(self.patcher.patch(&change).await?)?;
                let mut found = FoundRetailer { retailer, map };
                if !found.has_complete_map() {
                    found.map = self.maps.read_uncached(allowed.tenant).await?;
                }
                Ok(render(&found)?)
            }
            idempotent_request => {
                self.execute_in_transaction(allowed, &change, idempotent_request.as_ref(), render).await
            }
        }
    }

    async fn execute_in_transaction(
        &self,
        actor: &Allowed<UpdateRetailers>,
        change: &PatchRetailer,
        idempotent_request: Option<&IdempotentRequest>,
        render: impl FnOnce(&FoundRetailer) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        // Reads that may use another connection come before or after the transaction, which holds one itself.
        let map = self.maps.read(actor.tenant).await?;
        let mut tx = self.db.begin().await?;
        if let Some(request) = idempotent_request {
            let claim = tx.stored_responses().claim(actor.tenant, actor.user, request).await?;
            if let Some(before) = before(claim) {
                tx.roll_back().await;
                return self.replay(actor, change, before?).await;
            }
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
        let response = render(&found)?;
        if let Some(request) = idempotent_request {
            tx.stored_responses().save(actor.tenant, actor.user, request, &response).await?;
        }
        tx.commit().await?;
        Ok(response)
    }

    /// Returns the stored response of an earlier change if the caller may still read the retailer.
    async fn replay(
        &self,
        actor: &Allowed<UpdateRetailers>,
        change: &PatchRetailer,
        stored_response: StoredResponse,
    ) -> Result<StoredResponse, ChangeError> {
        let scope = self.scopes.retailers(actor).await?;
        let visible = self.retailers.find(actor.tenant, &scope, &change.uid).await?;
        visible.map(|_| stored_response).ok_or(ChangeError::NotFound)
    }
}

fn retailer_of(patched: Patched) -> Result<Retailer, ChangeError> {
    match patched {
        Patched::Done(retailer) => Ok(*retailer),
        Patched::NotFound => Err(ChangeError::NotFound),
        Patched::Stale(version) => Err(ChangeError::Stale(version)),
        Patched::CallerEnded => Err(ChangeError::CallerEnded),
        Patched::CallerChanged => Err(ChangeError::CallerChanged),
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
    use crate::shared::IdempotencyError;
    use crate::testing::{FakeTx, OneTx, actor, noon, retailer, sales_map, scopes};

    fn rep() -> Allowed<UpdateRetailers> {
        Allowed::check(actor()).unwrap()
    }

    fn input(idempotent_request: bool) -> UpdateRetailerInput {
        UpdateRetailerInput {
            uid: RetailerUid::parse("RTL-1").unwrap(),
            patch: RetailerPatch { points: Points::parse(7).ok(), ..RetailerPatch::default() },
            expected: ExpectedVersions { accepted: Some(vec![1]), rejected: vec![2] },
            request_id: "r-1".into(),
            idempotent_request: idempotent_request.then(|| IdempotentRequest {
                key: IdempotencyKey::parse("k").unwrap(),
                route: "PATCH /retailers/RTL-1".into(),
                body_hash: [7; 32],
                sent_hash: [8; 32],
            }),
        }
    }

    fn response(body: &[u8]) -> StoredResponse {
        StoredResponse { status: 200, location: None, etag: None, body: body.to_vec(), replayed: false }
    }

    #[expect(clippy::unnecessary_wraps, reason = "changes take a function that may fail")]
    fn render(found: &FoundRetailer) -> Rendered {
        Ok(response(found.retailer.uid.as_str().as_bytes()))
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
        let maps: Arc<dyn SalesMapReader> = Arc::new(maps);
        let scopes = scopes(maps.clone());
        UpdateRetailer::new(Arc::new(patcher), db, Arc::new(retailers), maps, scopes, Arc::new(clock))
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
                    && change.targets.scope() == Some(Scope::Rep(actor().user))
                    && change.expected == ExpectedVersions { accepted: Some(vec![1]), rejected: vec![2] }
                    && change.at == noon()
                    && change.request_id == "r-1"
            })
            .times(1)
            .returning(|_| Ok(Patched::Done(Box::new(retailer(1)))));
        let result = update(patcher, no_tx(), true).execute(&rep(), input(false), render).await;
        assert_eq!(result, Ok(response(b"RTL-1")));
    }

    #[tokio::test]
    async fn maps_each_outcome_to_its_error() {
        for (outcome, error) in [
            (Patched::NotFound, ChangeError::NotFound),
            (Patched::Stale(4), ChangeError::Stale(4)),
            (Patched::CallerEnded, ChangeError::CallerEnded),
            (Patched::CallerChanged, ChangeError::CallerChanged),
        ] {
            let mut patcher = MockRetailerPatcher::new();
            patcher.expect_patch().return_once(move |_| Ok(outcome));
            let result = update(patcher, no_tx(), true).execute(&rep(), input(false), render).await;
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
    ) -> Result<StoredResponse, ChangeError> {
        update(MockRetailerPatcher::new(), db, visible).execute(&rep(), input(true), render).await
    }

    #[tokio::test]
    async fn saves_the_stored_response_in_the_same_transaction() {
        let db = tx(Claim::New, Some(Patched::Done(Box::new(retailer(1)))), 1);
        let committed = db.committed();
        assert_eq!(execute_keyed(db, true).await, Ok(response(b"RTL-1")));
        assert!(committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn replays_the_stored_response_if_the_caller_may_still_read_the_retailer() {
        let stored = StoredResponse {
            status: 200,
            location: None,
            etag: Some("\"1\"".into()),
            body: b"{}".to_vec(),
            replayed: false,
        };
        for (visible, expected) in [(true, Ok(stored.clone())), (false, Err(ChangeError::NotFound))] {
            assert_eq!(execute_keyed(tx(Claim::Completed(stored.clone()), None, 0), visible).await, expected);
        }
    }

    #[tokio::test]
    async fn executes_for_a_retailer_that_the_cache_lacks() {
        let db = tx(Claim::New, Some(Patched::Done(Box::new(retailer(1)))), 1);
        assert_eq!(execute_keyed(db, false).await, Ok(response(b"RTL-1")));
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
        let db = tx(Claim::New, Some(Patched::Stale(4)), 0);
        let committed = db.committed();
        assert_eq!(execute_keyed(db, true).await, Err(ChangeError::Stale(4)));
        assert!(!committed.load(Ordering::SeqCst));
    }
}
