use std::sync::Arc;

use haat_domain::retailer::{
    PatchRetailer, Patched, Retailer, RetailerPatch, RetailerPatcher, RetailerReader, RetailerTx, RetailerUid,
};
use haat_domain::shared::{Begin, Clock, Once, Receipt, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::FoundRetailer;
use crate::shared::{Actor, Done, OnceError, Permission, before};

/// What to change of which shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRetailerInput {
    /// Which shop.
    pub uid: RetailerUid,
    /// New values.
    pub patch: RetailerPatch,
    /// If given, the versions of which the shop must have one.
    pub expected: Option<Vec<i64>>,
    /// The request.
    pub request_id: String,
    /// If given, the name under which the change is made once.
    pub once: Option<Once>,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateRetailerError {
    /// No such shop, or none that the caller may see.
    #[error("there is no such retailer among the caller's")]
    NotFound,
    /// The shop has another version than any expected.
    #[error("the retailer has been changed since")]
    Stale,
    /// The caller may not act any more.
    #[error("the caller may not act any more")]
    CallerEnded,
    /// It is to be done once, and cannot be done now.
    #[error(transparent)]
    Once(#[from] OnceError),
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Changes points, routes and notes of one of the caller's shops.
pub struct UpdateRetailer {
    patcher: Arc<dyn RetailerPatcher>,
    db: Arc<dyn Begin<dyn RetailerTx>>,
    retailers: Arc<dyn RetailerReader>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl UpdateRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        patcher: Arc<dyn RetailerPatcher>,
        db: Arc<dyn Begin<dyn RetailerTx>>,
        retailers: Arc<dyn RetailerReader>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { patcher, db, retailers, maps, clock }
    }

    /// The shop as it is after the change. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`UpdateRetailerError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: UpdateRetailerInput,
        receipt: &(dyn Fn(&FoundRetailer) -> Receipt + Sync),
    ) -> Result<Done<FoundRetailer>, UpdateRetailerError> {
        let change = PatchRetailer {
            caller: actor.caller(),
            scope: actor.scope(Permission::UpdateRetailers),
            uid: input.uid,
            patch: input.patch,
            expected: input.expected,
            at: self.clock.now(),
            request_id: input.request_id,
        };
        match &input.once {
            None => {
                // Before the change, as a failure afterwards would hide it.
                let map = self.maps.read(actor.tenant).await?;
                let retailer = shop_of(self.patcher.patch(&change).await?)?;
                let found = FoundRetailer { retailer, map };
                if found.is_on_the_map() {
                    return Ok(Done::Now(found));
                }
                let map = self.maps.read_anew(actor.tenant).await?;
                Ok(Done::Now(FoundRetailer { map, ..found }))
            }
            Some(once) => self.execute_once(actor, &change, once, receipt).await,
        }
    }

    async fn execute_once(
        &self,
        actor: &Actor,
        change: &PatchRetailer,
        once: &Once,
        receipt: &(dyn Fn(&FoundRetailer) -> Receipt + Sync),
    ) -> Result<Done<FoundRetailer>, UpdateRetailerError> {
        // Whatever may ask the database on another connection comes before this one is held, or after.
        let map = self.maps.read(actor.tenant).await?;
        let mut tx = self.db.begin().await?;
        let claim = tx.receipts().claim(actor.tenant, actor.user, once).await?;
        if let Some(before) = before(claim) {
            tx.roll_back().await;
            return self.repeated(actor, change, before?).await;
        }
        let patched = tx.retailers().patch(change).await?;
        let retailer = match shop_of(patched) {
            Ok(retailer) => retailer,
            Err(error) => {
                tx.roll_back().await;
                return Err(error);
            }
        };
        let found = FoundRetailer { retailer, map };
        if !found.is_on_the_map() {
            let newer = "the shop lies in a place that is newer than the map".to_owned();
            return Err(StorageFailure::Contended(newer).into());
        }
        tx.receipts().keep(actor.tenant, actor.user, once, &receipt(&found)).await?;
        tx.commit().await?;
        Ok(Done::Now(found))
    }

    /// The receipt of a change that was made before, for who may still see the shop.
    async fn repeated(
        &self,
        actor: &Actor,
        change: &PatchRetailer,
        receipt: Receipt,
    ) -> Result<Done<FoundRetailer>, UpdateRetailerError> {
        let visible = self.retailers.find(actor.tenant, change.scope, &change.uid).await?;
        visible.map(|_| Done::Before(receipt)).ok_or(UpdateRetailerError::NotFound)
    }
}

fn shop_of(patched: Patched) -> Result<Retailer, UpdateRetailerError> {
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

    use haat_domain::retailer::{MockRetailerPatcher, MockRetailerReader, MockRetailerWriter, Points};
    use haat_domain::shared::{Claim, IdempotencyKey, MockClock, MockReceiptWriter, Scope};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon, sales_map, shop};

    fn input(once: bool) -> UpdateRetailerInput {
        UpdateRetailerInput {
            uid: RetailerUid::parse("RTL-1").unwrap(),
            patch: RetailerPatch { points: Points::parse(7).ok(), ..RetailerPatch::default() },
            expected: Some(vec![1]),
            request_id: "r-1".into(),
            once: once.then(|| Once {
                key: IdempotencyKey::parse("k").unwrap(),
                route: "PATCH /retailers/RTL-1".into(),
                body_hash: [7; 32],
            }),
        }
    }

    fn receipt(found: &FoundRetailer) -> Receipt {
        Receipt {
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
        retailers.expect_find().returning(move |_, _, _| Ok(visible.then(|| shop(1))));
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
    async fn a_change_carries_who_when_and_where() {
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
            .returning(|_| Ok(Patched::Done(Box::new(shop(1)))));
        let done = update(patcher, no_tx(), true).execute(&actor(), input(false), &receipt).await.unwrap();
        assert!(matches!(done, Done::Now(found) if found.retailer == shop(1)));
    }

    #[tokio::test]
    async fn each_outcome_has_its_error() {
        for (outcome, error) in [
            (Patched::NotFound, UpdateRetailerError::NotFound),
            (Patched::Stale, UpdateRetailerError::Stale),
            (Patched::CallerEnded, UpdateRetailerError::CallerEnded),
        ] {
            let mut patcher = MockRetailerPatcher::new();
            patcher.expect_patch().return_once(move |_| Ok(outcome));
            let result = update(patcher, no_tx(), true).execute(&actor(), input(false), &receipt).await;
            assert_eq!(result, Err(error));
        }
    }

    fn tx(claim: Claim, outcome: Option<Patched>, kept: usize) -> Arc<OneTx<FakeTx<MockRetailerWriter>>> {
        let mut receipts = MockReceiptWriter::new();
        receipts.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
        receipts
            .expect_keep()
            .times(kept)
            .withf(|_, _, once, receipt| once.key.as_str() == "k" && receipt.body == b"RTL-1")
            .returning(|_, _, _, _| Ok(()));
        let mut retailers = MockRetailerWriter::new();
        retailers
            .expect_patch()
            .times(usize::from(outcome.is_some()))
            .return_once(move |_| Ok(outcome.unwrap_or(Patched::NotFound)));
        Arc::new(OneTx::new(FakeTx::of(retailers).with_receipts(receipts)))
    }

    async fn once(
        db: Arc<OneTx<FakeTx<MockRetailerWriter>>>,
        visible: bool,
    ) -> Result<Done<FoundRetailer>, UpdateRetailerError> {
        update(MockRetailerPatcher::new(), db, visible).execute(&actor(), input(true), &receipt).await
    }

    #[tokio::test]
    async fn what_is_done_once_keeps_its_receipt_in_the_same_transaction() {
        let db = tx(Claim::New, Some(Patched::Done(Box::new(shop(1)))), 1);
        let committed = db.committed();
        assert!(matches!(once(db, true).await, Ok(Done::Now(_))));
        assert!(committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_repetition_is_given_the_receipt_if_its_caller_may_still_see_the_shop() {
        let kept = Receipt { status: 200, location: None, etag: Some("\"1\"".into()), body: b"{}".to_vec() };
        for (visible, expected) in
            [(true, Ok(Done::Before(kept.clone()))), (false, Err(UpdateRetailerError::NotFound))]
        {
            assert_eq!(once(tx(Claim::Done(kept.clone()), None, 0), visible).await, expected);
        }
    }

    #[tokio::test]
    async fn a_shop_that_memory_does_not_know_yet_is_for_the_storage_to_find() {
        let db = tx(Claim::New, Some(Patched::Done(Box::new(shop(1)))), 1);
        assert!(matches!(once(db, false).await, Ok(Done::Now(_))));
    }

    #[tokio::test]
    async fn a_key_that_cannot_be_used_changes_nothing() {
        for (claim, error) in
            [(Claim::OtherRequest, OnceError::OtherRequest), (Claim::InFlight, OnceError::InFlight)]
        {
            let db = tx(claim, None, 0);
            let committed = db.committed();
            assert_eq!(once(db, true).await, Err(error.into()));
            assert!(!committed.load(Ordering::SeqCst));
        }
    }

    #[tokio::test]
    async fn a_refusal_keeps_no_receipt() {
        let db = tx(Claim::New, Some(Patched::Stale), 0);
        let committed = db.committed();
        assert_eq!(once(db, true).await, Err(UpdateRetailerError::Stale));
        assert!(!committed.load(Ordering::SeqCst));
    }
}
