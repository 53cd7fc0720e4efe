use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use haat_domain::assignment::{
    AssignmentTx, BatchRecord, Drawing, IfAssigned, LockedRep, NamedRep, RepRef, Room, ShopLock, spread,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, Begin, Clock, Receipt, UserId};

use super::draw::{conclude, draw};
use super::order::{Wishes, not_found};
use super::{AssignmentError, ChangeAssignmentsInput, Order, Outcome, RepFault, RepPlace, RepProblem};
use crate::shared::{Actor, Begun, Done, Permission, begin};

/// Assigns, unassigns and transfers shops: at once, on trial, or as a plan.
pub struct ChangeAssignments {
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

/// What an order comes to before anything is drawn.
struct Staged {
    wishes: Wishes,
    /// The one whose shops are transferred, and how many of them found nobody with room.
    from: Option<UserId>,
    unplaced: usize,
    /// Shops that were named and are not theirs.
    not_theirs: Vec<String>,
}

impl ChangeAssignments {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// What became of each uid. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`AssignmentError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &ChangeAssignmentsInput,
        receipt: &(dyn Fn(&Outcome) -> Receipt + Sync),
    ) -> Result<Done<Outcome>, AssignmentError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let tenant = actor.tenant;
        let staged = stage(&mut *tx, actor, input).await?;
        let batch = tx.assignments().new_batch(tenant).await?;
        tx.assignments().stage(tenant, batch, &staged.wishes.rows).await?;
        let named = tx.assignments().named_reps(tenant, batch).await?;
        let if_assigned = input.order.if_assigned();
        let mut ids: Vec<UserId> = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
        ids.extend(staged.from);
        let how = if if_assigned == IfAssigned::Share { ShopLock::Beside } else { ShopLock::Alone };
        let locked = tx.assignments().lock(tenant, batch, &ids, how).await?;
        check(&input.order, &named, &locked).map_err(AssignmentError::Reps)?;
        let given = names_given(&named);
        let drawing = drawing(&input.order, named, staged.from);
        let mut outcome = draw(&mut *tx, (tenant, batch), &drawing, (&locked, &given), input.force).await?;
        outcome.not_found = not_found(std::mem::take(&mut outcome.not_found), staged.wishes.impossible);
        outcome.unplaced = i64::try_from(staged.unplaced).unwrap_or(i64::MAX);
        add(&mut outcome, staged.not_theirs);
        let record = self.record(actor, input, batch, &outcome);
        conclude(tx, actor, &input.change, input.plan, record, &mut outcome, receipt).await?;
        Ok(Done::Now(outcome))
    }

    fn record(
        &self,
        actor: &Actor,
        input: &ChangeAssignmentsInput,
        batch: BatchId,
        outcome: &Outcome,
    ) -> BatchRecord {
        BatchRecord {
            tenant: actor.tenant,
            batch,
            kind: input.order.kind(),
            actor: (actor.user, actor.role),
            at: self.clock.now(),
            request_id: input.change.request_id.clone(),
            reason: input.reason.clone(),
            if_assigned: input.order.if_assigned(),
            force: input.force,
            totals: outcome.totals.clone(),
            loads: outcome.loads.clone(),
            undoes: None,
        }
    }
}

/// The wishes that an order comes to.
async fn stage(
    tx: &mut dyn AssignmentTx,
    actor: &Actor,
    input: &ChangeAssignmentsInput,
) -> Result<Staged, AssignmentError> {
    match &input.order {
        Order::Assign { groups, .. } | Order::Unassign { groups } => {
            let wishes = Wishes::of_groups(groups);
            Ok(Staged { wishes, from: None, unplaced: 0, not_theirs: Vec::new() })
        }
        Order::Spread { shops, to, .. } => {
            let (_, takers) = people(tx, actor, None, to).await?;
            Ok(spread_out(None, &takers, shops.clone(), input.force))
        }
        Order::Transfer { from, to, retailers } => {
            let (giver, takers) = people(tx, actor, Some(from), to).await?;
            let Some(giver) = giver else {
                return Err(AssignmentError::Reps(vec![RepFault {
                    place: RepPlace::From,
                    problem: RepProblem::NotFound,
                }]));
            };
            let mut shops = tx.assignments().shops_of(actor.tenant, giver.id).await?;
            let mut not_theirs = Vec::new();
            if let Some(only) = retailers {
                let wanted: BTreeSet<&str> = only.iter().map(|uid| uid.trim()).collect();
                shops.retain(|uid| wanted.contains(uid.as_str()));
                let theirs: BTreeSet<&str> = shops.iter().map(RetailerUid::as_str).collect();
                not_theirs = wanted.difference(&theirs).map(|uid| (*uid).to_owned()).collect();
            }
            let staged = spread_out(Some(giver.id), &takers, shops, input.force);
            Ok(Staged { not_theirs, ..staged })
        }
    }
}

/// Whoever takes shops: as they are named, who they are, and how many they have.
type Taker<'a> = (&'a RepRef, LockedRep, i64);

/// Who gives, if anybody does, and who takes.
async fn people<'a>(
    tx: &mut dyn AssignmentTx,
    actor: &Actor,
    from: Option<&RepRef>,
    to: &'a [RepRef],
) -> Result<(Option<LockedRep>, Vec<Taker<'a>>), AssignmentError> {
    let everybody: Vec<RepRef> = from.into_iter().chain(to).cloned().collect();
    let mut answers = tx.assignments().reps(actor.tenant, &everybody).await?.into_iter();
    let mut faults = Vec::new();
    let giver = from.and_then(|_| answers.next().flatten()).map(|(giver, _)| giver);
    if from.is_some() && giver.is_none() {
        faults.push(RepFault { place: RepPlace::From, problem: RepProblem::NotFound });
    }
    let mut takers: Vec<Taker> = Vec::new();
    for ((number, rep), found) in to.iter().enumerate().zip(answers) {
        let problem = match found {
            None => RepProblem::NotFound,
            Some((taker, _)) if giver.as_ref().is_some_and(|giver| giver.id == taker.id) => RepProblem::Giver,
            Some((taker, _)) if !taker.active => RepProblem::Disabled,
            Some((taker, load)) => {
                if takers.iter().all(|(_, other, _)| other.id != taker.id) {
                    takers.push((rep, taker, load));
                }
                continue;
            }
        };
        faults.push(RepFault { place: RepPlace::To(number), problem });
    }
    if faults.is_empty() { Ok((giver, takers)) } else { Err(AssignmentError::Reps(faults)) }
}

/// Gives each taker their part of the shops, those of one territory together as far as that goes.
fn spread_out(from: Option<UserId>, takers: &[Taker], shops: Vec<RetailerUid>, force: bool) -> Staged {
    let rooms: Vec<Room> =
        takers.iter().map(|(_, rep, load)| Room { load: *load, capacity: rep.capacity }).collect();
    let counts = spread(shops.len(), &rooms, force);
    let (mut shops, mut wishes) = (shops.into_iter(), Wishes::default());
    for ((name, _, _), count) in takers.iter().zip(counts) {
        for uid in shops.by_ref().take(count) {
            wishes.add_uid(name, uid);
        }
    }
    Staged { wishes, from, unplaced: shops.count(), not_theirs: Vec::new() }
}

/// Representatives who are not there or, to be given shops, are disabled: as they are once they are locked.
fn check(order: &Order, reps: &[NamedRep], locked: &[LockedRep]) -> Result<(), Vec<RepFault>> {
    let (named, disabled_too): (Vec<(RepPlace, &RepRef)>, bool) = match order {
        Order::Assign { groups, .. } | Order::Unassign { groups } => (
            groups.iter().enumerate().map(|(number, group)| (RepPlace::Group(number), &group.rep)).collect(),
            matches!(order, Order::Unassign { .. }),
        ),
        Order::Spread { to, .. } | Order::Transfer { to, .. } => {
            (to.iter().enumerate().map(|(number, rep)| (RepPlace::To(number), rep)).collect(), false)
        }
    };
    let active: HashMap<UserId, bool> = locked.iter().map(|rep| (rep.id, rep.active)).collect();
    let found: HashMap<&str, UserId> =
        reps.iter().filter_map(|rep| Some((rep.name.as_str(), rep.found?.0))).collect();
    let fault = |(place, rep): (RepPlace, &RepRef)| {
        let id = found.get(rep.to_string().as_str());
        // A taker who gets nothing is not among the wishes.
        if id.is_none() && matches!(place, RepPlace::To(_)) {
            return None;
        }
        match id.and_then(|id| active.get(id)) {
            Some(active) if *active || disabled_too => None,
            Some(_) => Some(RepFault { place, problem: RepProblem::Disabled }),
            None => Some(RepFault { place, problem: RepProblem::NotFound }),
        }
    };
    let faults: Vec<_> = named.into_iter().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// How each representative was named first.
fn names_given(named: &[NamedRep]) -> HashMap<UserId, String> {
    let mut given = HashMap::new();
    for rep in named {
        if let Some((id, _)) = rep.found {
            given.entry(id).or_insert_with(|| rep.name.clone());
        }
    }
    given
}

fn drawing(order: &Order, named: Vec<NamedRep>, from: Option<UserId>) -> Drawing {
    let reps = named.into_iter().filter_map(|rep| Some((rep.name, rep.found?.0))).collect();
    match order {
        Order::Assign { if_assigned, .. } | Order::Spread { if_assigned, .. } => {
            Drawing::Assign { reps, if_assigned: *if_assigned, from: None }
        }
        Order::Transfer { .. } => Drawing::Assign { reps, if_assigned: IfAssigned::Move, from },
        Order::Unassign { .. } => Drawing::Unassign { reps },
    }
}

/// Shops that were to be transferred and are not the giver's count as what there was nothing to end of.
fn add(outcome: &mut Outcome, mut not_theirs: Vec<String>) {
    let listed = &mut outcome.totals.not_assigned;
    listed.count += i64::try_from(not_theirs.len()).unwrap_or(i64::MAX);
    listed.uids.append(&mut not_theirs);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{Applied, Flow, MockAssignmentWriter, RepLoad, Totals};
    use haat_domain::shared::{Claim, IdempotencyKey, MockClock, MockReceiptWriter, Once, TenantId};

    use super::super::testing::{BATCH, admin, load, locked, receipt, rep};
    use super::*;
    use crate::assignment::AssignmentGroup;
    use crate::shared::{Change, ChangeError, OnceError};
    use crate::testing::{FakeTx, OneTx, actor, noon};

    type Tx = OneTx<FakeTx<MockAssignmentWriter>>;

    fn input(retailers: &[&str]) -> ChangeAssignmentsInput {
        let retailers = retailers.iter().map(|uid| (*uid).to_owned()).collect();
        ChangeAssignmentsInput {
            order: Order::Assign {
                groups: vec![AssignmentGroup { rep: RepRef::Id(5), retailers }],
                if_assigned: IfAssigned::Share,
            },
            force: false,
            reason: Some("why".into()),
            plan: false,
            change: Change { request_id: "r-1".into(), ..Change::default() },
        }
    }

    /// A writer that finds this representative and draws these loads.
    fn writer(found: Option<LockedRep>, loads: Vec<RepLoad>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_new_batch().returning(|_| Ok(BATCH));
        writer.expect_stage().returning(|_, _, _| Ok(()));
        let named = found.clone();
        writer.expect_named_reps().returning(move |_, _| {
            let found = named.as_ref().map(|rep| (rep.id, rep.active));
            Ok(vec![NamedRep { name: "5".into(), row: 0, found }])
        });
        writer.expect_lock().returning(move |_, _, _, _| Ok(found.clone().into_iter().collect()));
        writer.expect_draw().returning(|_, _, _| Ok(Vec::new()));
        writer.expect_loads().returning(move |_, _| Ok(loads.clone()));
        let totals = Totals { assigned: 2, ..Totals::default() };
        writer.expect_sum_up().returning(move |_, _| Ok(totals.clone()));
        writer
    }

    fn applies(mut writer: MockAssignmentWriter, times: usize) -> MockAssignmentWriter {
        writer
            .expect_apply()
            .times(times)
            .withf(|record| {
                record.tenant == actor().tenant
                    && record.actor == (actor().user, admin().role)
                    && record.at == noon()
                    && record.reason.as_deref() == Some("why")
            })
            .returning(|_| Ok(Applied { drawn: (2, 0), done: (2, 0) }));
        writer.expect_clear().times(times).returning(|_, _| Ok(()));
        writer
    }

    async fn execute(
        tx: Tx,
        actor: &Actor,
        input: &ChangeAssignmentsInput,
    ) -> (Result<Done<Outcome>, AssignmentError>, bool) {
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let use_case = ChangeAssignments::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(actor, input, &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn now(result: Result<Done<Outcome>, AssignmentError>) -> Outcome {
        match result.unwrap() {
            Done::Now(outcome) => outcome,
            Done::Before(_) => panic!("done before"),
        }
    }

    #[tokio::test]
    async fn an_administrator_assigns() {
        let tx = OneTx::new(FakeTx::of(applies(writer(Some(locked()), vec![load(2)]), 1)));
        let (result, committed) = execute(tx, &admin(), &input(&["A", "B"])).await;
        let outcome = now(result);
        assert_eq!((outcome.batch, outcome.totals.assigned, committed), (Some(BATCH), 2, true));
        assert_eq!(outcome.loads[0].username, "sr00001");
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let (result, _) = execute(OneTx::none(), &actor(), &input(&["A"])).await;
        assert_eq!(result, Err(AssignmentError::Change(ChangeError::Forbidden)));
    }

    #[tokio::test]
    async fn nobody_who_is_disabled_assigns_or_is_assigned_to() {
        let tx = OneTx::new(FakeTx::of(MockAssignmentWriter::new()).ended());
        let (result, committed) = execute(tx, &admin(), &input(&["A"])).await;
        assert_eq!((result, committed), (Err(AssignmentError::Change(ChangeError::CallerEnded)), false));
        for (found, problem) in [
            (None, RepProblem::NotFound),
            (Some(LockedRep { active: false, ..locked() }), RepProblem::Disabled),
        ] {
            let tx = OneTx::new(FakeTx::of(writer(found, Vec::new())));
            let (result, committed) = execute(tx, &admin(), &input(&["A"])).await;
            let faults = vec![RepFault { place: RepPlace::Group(0), problem }];
            assert_eq!((result, committed), (Err(AssignmentError::Reps(faults)), false));
        }
    }

    #[tokio::test]
    async fn who_is_disabled_can_lose_shops() {
        let disabled = LockedRep { active: false, ..locked() };
        let writer = applies(writer(Some(disabled), vec![load(2)]), 1);
        let groups = vec![AssignmentGroup { rep: RepRef::Id(5), retailers: vec!["A".into()] }];
        let input = ChangeAssignmentsInput { order: Order::Unassign { groups }, ..input(&[]) };
        let (result, _) = execute(OneTx::new(FakeTx::of(writer)), &admin(), &input).await;
        assert!(result.is_ok());
    }

    #[tokio::test]
    async fn a_trial_changes_nothing_and_a_plan_is_kept() {
        let trial = Change { validate_only: true, ..Change::default() };
        let input = |plan, change| ChangeAssignmentsInput { plan, change, ..input(&["A", "B"]) };
        for plan in [false, true] {
            let tx = OneTx::new(FakeTx::of(applies(writer(Some(locked()), vec![load(2)]), 0)));
            let (result, committed) = execute(tx, &admin(), &input(plan, trial.clone())).await;
            assert_eq!((now(result).batch, committed), (None, false));
        }
        let mut writer = applies(writer(Some(locked()), vec![load(2)]), 0);
        writer.expect_keep_plan().times(1).returning(|_| Ok(()));
        let (result, committed) =
            execute(OneTx::new(FakeTx::of(writer)), &admin(), &input(true, Change::default())).await;
        assert_eq!((now(result).batch, committed), (Some(BATCH), true));
    }

    #[tokio::test]
    async fn what_was_not_done_as_drawn_is_not_kept() {
        let mut writer = writer(Some(locked()), vec![load(2)]);
        writer.expect_apply().returning(|_| Ok(Applied { drawn: (2, 0), done: (1, 0) }));
        let (result, committed) =
            execute(OneTx::new(FakeTx::of(writer)), &admin(), &input(&["A", "B"])).await;
        assert!(result.is_err() && !committed);
    }

    #[tokio::test]
    async fn who_would_have_too_many_is_refused_unless_forced() {
        let over = RepLoad { capacity: 1, ..load(2) };
        for (force, refusals, refused) in [(false, 1, 2), (true, 0, 0)] {
            let mut writer = applies(writer(Some(locked()), vec![over]), 1);
            writer.expect_flows().times(1).returning(|_, _| Ok(Vec::<Flow>::new()));
            writer
                .expect_refuse()
                .times(refusals)
                .withf(|_, _, reps| reps == [rep()])
                .returning(|_, _, _| Ok(()));
            let input = ChangeAssignmentsInput { force, ..input(&["A", "B"]) };
            let (result, _) = execute(OneTx::new(FakeTx::of(writer)), &admin(), &input).await;
            let over = &now(result).over_capacity[0];
            assert_eq!((over.rep.as_str(), over.count, over.limit, over.refused), ("5", 2, 1, refused));
        }
    }

    #[tokio::test]
    async fn the_number_of_calls_does_not_grow_with_that_of_shops() {
        let all: Vec<String> = (0..10_000).map(|number| format!("RTL-{number}")).collect();
        for uids in [&all[..1], &all[..]] {
            let mut mock = MockAssignmentWriter::new();
            let (rows, found) = (uids.len(), Some(locked()));
            mock.expect_new_batch().times(1).returning(|_| Ok(BATCH));
            mock.expect_stage()
                .times(1)
                .withf(move |_, _, staged| staged.len() == rows)
                .returning(|_, _, _| Ok(()));
            mock.expect_named_reps().times(1).returning(|_, _| {
                Ok(vec![NamedRep { name: "5".into(), row: 0, found: Some((rep(), true)) }])
            });
            mock.expect_lock().times(1).returning(move |_, _, _, _| Ok(found.clone().into_iter().collect()));
            mock.expect_draw().times(1).returning(|_, _, _| Ok(Vec::new()));
            mock.expect_loads().times(1).returning(|_, _| Ok(vec![load(2)]));
            mock.expect_sum_up().times(1).returning(|_, _| Ok(Totals { assigned: 2, ..Totals::default() }));
            let uids: Vec<&str> = uids.iter().map(String::as_str).collect();
            let (result, _) =
                execute(OneTx::new(FakeTx::of(applies(mock, 1))), &admin(), &input(&uids)).await;
            assert!(result.is_ok());
        }
    }

    #[tokio::test]
    async fn a_transfer_spreads_the_shops_by_load_and_says_what_found_no_room() {
        let mut mock = MockAssignmentWriter::new();
        mock.expect_reps().times(1).returning(|_, reps| {
            let one = |id: i64, load| {
                let username = format!("sr{id}");
                Some((LockedRep { id: UserId::new(id), username, active: true, capacity: 3 }, load))
            };
            Ok(reps.iter().zip([one(5, 4), one(6, 2), one(7, 1)]).map(|(_, found)| found).collect())
        });
        mock.expect_shops_of().times(1).returning(|tenant, giver| {
            assert_eq!((tenant, giver), (TenantId::new(1), UserId::new(5)));
            Ok(["A", "B", "C", "D"].map(|uid| RetailerUid::parse(uid).unwrap()).into())
        });
        mock.expect_new_batch().returning(|_| Ok(BATCH));
        mock.expect_stage().times(1).returning(|_, _, rows| {
            let rows: Vec<_> =
                rows.iter().map(|row| (row.rep.to_string(), row.uid.as_str().to_owned())).collect();
            let row = |rep: &str, uid: &str| (rep.to_owned(), uid.to_owned());
            assert_eq!(rows, [row("6", "A"), row("7", "B"), row("7", "C")]);
            Ok(())
        });
        mock.expect_named_reps().returning(|_, _| Ok(Vec::new()));
        mock.expect_lock()
            .withf(|_, _, _, how| *how == ShopLock::Alone)
            .returning(|_, _, _, _| Ok(Vec::new()));
        mock.expect_draw()
            .withf(|_, _, drawing| {
                matches!(drawing, Drawing::Assign { if_assigned: IfAssigned::Move, from: Some(from), .. }
                    if *from == UserId::new(5))
            })
            .returning(|_, _, _| Ok(Vec::new()));
        mock.expect_loads().returning(|_, _| Ok(Vec::new()));
        mock.expect_sum_up().returning(|_, _| Ok(Totals::default()));
        mock.expect_clear().times(1).returning(|_, _| Ok(()));
        let to = vec![RepRef::Id(6), RepRef::Id(7)];
        let order = Order::Transfer { from: RepRef::Id(5), to, retailers: None };
        let input = ChangeAssignmentsInput { order, ..input(&[]) };
        let (result, _) = execute(OneTx::new(FakeTx::of(mock)), &admin(), &input).await;
        assert_eq!(now(result).unplaced, 1);
    }

    #[tokio::test]
    async fn under_a_key_it_is_done_once() {
        let once =
            Once { key: IdempotencyKey::parse("k").unwrap(), route: "POST".into(), body_hash: [1; 32] };
        let change = Change { once: Some(once), ..Change::default() };
        let input = ChangeAssignmentsInput { change, ..input(&["A", "B"]) };
        let failed = |error: OnceError| Err(AssignmentError::Change(error.into()));
        for (claim, kept, expected) in [
            (Claim::Done(receipt(&Outcome::default())), 0, Ok(Done::Before(receipt(&Outcome::default())))),
            (Claim::InFlight, 0, failed(OnceError::InFlight)),
            (Claim::OtherRequest, 0, failed(OnceError::OtherRequest)),
        ] {
            let mut receipts = MockReceiptWriter::new();
            receipts.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
            receipts.expect_keep().times(kept).returning(|_, _, _, _| Ok(()));
            let tx = FakeTx::of(MockAssignmentWriter::new()).with_receipts(receipts);
            let (result, committed) = execute(OneTx::new(tx), &admin(), &input).await;
            assert_eq!((result, committed), (expected, false));
        }
        let mut receipts = MockReceiptWriter::new();
        receipts.expect_claim().times(1).returning(|_, _, _| Ok(Claim::New));
        receipts.expect_keep().times(1).returning(|_, _, _, _| Ok(()));
        let tx = FakeTx::of(applies(writer(Some(locked()), vec![load(2)]), 1)).with_receipts(receipts);
        let (result, committed) = execute(OneTx::new(tx), &admin(), &input).await;
        assert!(result.is_ok() && committed);
    }
}
