use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use haat_domain::assignment::{
    AllocationRequest, AssignmentTx, BatchRecord, IfAssigned, LockRequest, LockedRep, NamedRep,
    RemainingCapacity, RepSelector, RetailerLock, spread,
};
use haat_domain::change::StoredResponse;
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, StorageFailure, UserId};

use super::compute_steps::{compute_steps, conclude, within};
use super::order::{RequestedAssignments, add_malformed};
use super::read_assignments::is_in_scope;
use super::{AssignmentError, Order, OrderInput, Outcome, RepFault, RepPlace, RepProblem};
use crate::shared::{Actor, Allowed, ChangeAssignments, Changes, Rendered, WriteOptions};

/// Assigns, unassigns and transfers retailers: immediately, as a dry run, or as a plan.
pub struct ExecuteOrder {
    changes: Changes<dyn AssignmentTx>,
}

/// The requested assignments of an order, before steps are computed.
struct Staged {
    requested: RequestedAssignments,
    /// The source of a transfer.
    from: Option<UserId>,
    /// The number of retailers for which no recipient has capacity left.
    unplaced: usize,
    /// The requested uids of retailers that are not assigned to the source.
    not_from_source: Vec<String>,
}

impl ExecuteOrder {
    /// Builds the use case.
    #[must_use]
    pub fn new(changes: Changes<dyn AssignmentTx>) -> Self {
        Self { changes }
    }

    /// Executes the order. `render` renders its outcome.
    ///
    /// # Errors
    /// [`AssignmentError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        input: &OrderInput,
        options: &WriteOptions,
        render: impl FnOnce(&Outcome) -> Rendered,
    ) -> Result<StoredResponse, AssignmentError> {
        let (tenant, order) = (allowed.tenant, &input.order);
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, stored| covers(tx, allowed, order, stored).await,
                render,
                async |tx, _| {
                    let staged = stage(tx, allowed, input).await?;
                    let batch = tx.assignments().new_batch(tenant).await?;
                    tx.assignments().stage(tenant, batch, &staged.requested.rows).await?;
                    let mut named = tx.assignments().named_reps(tenant, batch).await?;
                    add_reps_without_rows(tx, allowed, order, &mut named).await?;
                    let mut reps: Vec<UserId> = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
                    reps.extend(staged.from);
                    let share = order.if_assigned() == IfAssigned::Share;
                    let retailers = if share { RetailerLock::Shared } else { RetailerLock::Exclusive };
                    let request =
                        LockRequest { targets: allowed.targets(), reps, retailers, with_unserved: false };
                    let locked = tx.assignments().lock(tenant, batch, &request).await?;
                    check(order, staged.from, &named, &locked).map_err(AssignmentError::Reps)?;
                    let input_names = names_by_id(&named);
                    let within = within(&request.targets, &locked);
                    let allocation = allocation(order, named, staged.from, within);
                    let mut outcome =
                        compute_steps(tx, (tenant, batch), &allocation, (&locked, &input_names), input.force)
                            .await?;
                    add_malformed(&mut outcome.result, staged.requested.malformed);
                    outcome.result.unplaced = i64::try_from(staged.unplaced).unwrap_or(i64::MAX);
                    add_not_from_source(&mut outcome, staged.not_from_source);
                    let record = self.record(allowed, input, options, batch, &outcome);
                    Ok(conclude(tx, options, input.plan, &record, outcome).await?)
                },
            )
            .await
    }

    fn record(
        &self,
        actor: &Actor,
        input: &OrderInput,
        options: &WriteOptions,
        batch: BatchId,
        outcome: &Outcome,
    ) -> BatchRecord {
        BatchRecord {
            tenant: actor.tenant,
            batch,
            kind: input.order.kind(),
            actor: (actor.user, actor.role),
            at: self.changes.now(),
            request_id: options.request_id.clone(),
            reason: input.reason.clone(),
            if_assigned: input.order.if_assigned(),
            force: input.force,
            result: outcome.result.clone(),
            assigned_counts: outcome.assigned_counts.clone(),
            undoes: None,
        }
    }
}

/// Returns true if the caller's scope covers the sales reps that an order names, and those of the batch in its response.
async fn covers(
    tx: &mut dyn AssignmentTx,
    allowed: &Allowed<ChangeAssignments>,
    order: &Order,
    stored_response: &StoredResponse,
) -> Result<bool, StorageFailure> {
    let targets = allowed.targets();
    if targets.all {
        return Ok(true);
    }
    let found = tx.assignments().reps(allowed.tenant, &targets, &order.named()).await?;
    if found.iter().any(Option::is_none) {
        return Ok(false);
    }
    let body: serde_json::Value = serde_json::from_slice(&stored_response.body).unwrap_or_default();
    match body.get("batchId").and_then(serde_json::Value::as_i64) {
        Some(batch) => is_in_scope(tx, allowed, BatchId::new(batch)).await,
        None => Ok(true),
    }
}

/// Resolves an order into requested assignments.
async fn stage(
    tx: &mut dyn AssignmentTx,
    allowed: &Allowed<ChangeAssignments>,
    input: &OrderInput,
) -> Result<Staged, AssignmentError> {
    match &input.order {
        Order::Assign { groups, .. } | Order::Unassign { groups } => {
            let requested = RequestedAssignments::of_groups(groups);
            Ok(Staged { requested, from: None, unplaced: 0, not_from_source: Vec::new() })
        }
        Order::Spread { retailers: uids, to, .. } => {
            let (_, recipients) = resolve_reps(tx, allowed, None, to).await?;
            Ok(distribute(None, &recipients, uids.clone(), input.force))
        }
        Order::Transfer { from, to, retailers } => {
            let (source, recipients) = resolve_reps(tx, allowed, Some(from), to).await?;
            let Some(source) = source else {
                return Err(AssignmentError::Reps(vec![RepFault {
                    place: RepPlace::From,
                    problem: RepProblem::NotFound,
                }]));
            };
            let targets = allowed.targets();
            let mut uids = tx.assignments().retailers_of(allowed.tenant, &targets, source.id).await?;
            let mut not_from_source = Vec::new();
            if let Some(only) = retailers {
                not_from_source = keep_only(&mut uids, only);
            }
            let staged = distribute(Some(source.id), &recipients, uids, input.force);
            Ok(Staged { not_from_source, ..staged })
        }
    }
}

/// Keeps the requested uids, in any case; the exact spelling takes precedence. Returns the requested uids that are not among
/// them, sorted.
fn keep_only(uids: &mut Vec<RetailerUid>, requested: &[String]) -> Vec<String> {
    let stored: BTreeSet<&str> = uids.iter().map(RetailerUid::as_str).collect();
    let in_any_case: BTreeMap<String, &str> =
        stored.iter().rev().map(|uid| (uid.to_ascii_lowercase(), *uid)).collect();
    let (mut kept, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for uid in requested.iter().map(|uid| uid.trim()) {
        match stored.get(uid).or_else(|| in_any_case.get(&uid.to_ascii_lowercase())) {
            Some(stored) => kept.insert((*stored).to_owned()),
            None => missing.insert(uid.to_owned()),
        };
    }
    uids.retain(|uid| kept.contains(uid.as_str()));
    missing.into_iter().collect()
}

/// A recipient of retailers: the selector, the sales rep, and the number of retailers assigned to them.
type Recipient<'a> = (&'a RepSelector, LockedRep, i64);

/// Resolves the source of a transfer, if there is one, and the recipients.
async fn resolve_reps<'a>(
    tx: &mut dyn AssignmentTx,
    allowed: &Allowed<ChangeAssignments>,
    from: Option<&RepSelector>,
    to: &'a [RepSelector],
) -> Result<(Option<LockedRep>, Vec<Recipient<'a>>), AssignmentError> {
    let selectors: Vec<RepSelector> = from.into_iter().chain(to).cloned().collect();
    let resolved = tx.assignments().reps(allowed.tenant, &allowed.targets(), &selectors).await?;
    let mut resolved = resolved.into_iter();
    let mut faults = Vec::new();
    let source = from.and_then(|_| resolved.next().flatten()).map(|(source, _)| source);
    if from.is_some() && source.is_none() {
        faults.push(RepFault { place: RepPlace::From, problem: RepProblem::NotFound });
    }
    let mut recipients: Vec<Recipient> = Vec::new();
    for ((number, rep), found) in to.iter().enumerate().zip(resolved) {
        let problem = match found {
            None => RepProblem::NotFound,
            Some((recipient, _)) if source.as_ref().is_some_and(|source| source.id == recipient.id) => {
                RepProblem::SameAsSource
            }
            Some((recipient, _)) if !recipient.active => RepProblem::Disabled,
            Some((recipient, assigned_count)) => {
                if recipients.iter().all(|(_, other, _)| other.id != recipient.id) {
                    recipients.push((rep, recipient, assigned_count));
                }
                continue;
            }
        };
        faults.push(RepFault { place: RepPlace::To(number), problem });
    }
    if faults.is_empty() { Ok((source, recipients)) } else { Err(AssignmentError::Reps(faults)) }
}

/// Distributes the retailers among the recipients. Retailers of one territory stay together as far as
/// possible.
fn distribute(from: Option<UserId>, recipients: &[Recipient], uids: Vec<RetailerUid>, force: bool) -> Staged {
    let capacities: Vec<RemainingCapacity> = recipients
        .iter()
        .map(|(_, rep, assigned_count)| RemainingCapacity {
            assigned_count: *assigned_count,
            capacity: rep.capacity,
        })
        .collect();
    let counts = spread(uids.len(), &capacities, force);
    let (mut uids, mut requested) = (uids.into_iter(), RequestedAssignments::default());
    for ((name, _, _), count) in recipients.iter().zip(counts) {
        for uid in uids.by_ref().take(count) {
            requested.add_uid(name, uid);
        }
    }
    Staged { requested, from, unplaced: uids.count(), not_from_source: Vec::new() }
}

/// Adds the sales reps of groups without a valid uid: no staged row names them.
async fn add_reps_without_rows(
    tx: &mut dyn AssignmentTx,
    allowed: &Allowed<ChangeAssignments>,
    order: &Order,
    named: &mut Vec<NamedRep>,
) -> Result<(), StorageFailure> {
    let (Order::Assign { groups, .. } | Order::Unassign { groups }) = order else { return Ok(()) };
    let staged: HashSet<&str> = named.iter().map(|rep| rep.name.as_str()).collect();
    let missing: Vec<RepSelector> = groups
        .iter()
        .map(|group| &group.rep)
        .filter(|rep| !staged.contains(rep.to_string().as_str()))
        .cloned()
        .collect();
    if !missing.is_empty() {
        let found = tx.assignments().reps(allowed.tenant, &allowed.targets(), &missing).await?;
        named.extend(missing.iter().zip(found).map(|(rep, found)| NamedRep {
            name: rep.to_string(),
            row: 0,
            found: found.map(|(rep, _)| (rep.id, rep.active)),
        }));
    }
    Ok(())
}

/// Rejects sales reps who do not exist or, as recipients, are disabled, by their state after they are locked.
fn check(
    order: &Order,
    from: Option<UserId>,
    reps: &[NamedRep],
    locked: &[LockedRep],
) -> Result<(), Vec<RepFault>> {
    let (named, allow_disabled): (Vec<(RepPlace, &RepSelector)>, bool) = match order {
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
    let fault = |(place, rep): (RepPlace, &RepSelector)| {
        let id = found.get(rep.to_string().as_str());
        // A recipient of no retailers is not among the requested assignments.
        if id.is_none() && matches!(place, RepPlace::To(_)) {
            return None;
        }
        match id.and_then(|id| active.get(id)) {
            Some(active) if *active || allow_disabled => None,
            Some(_) => Some(RepFault { place, problem: RepProblem::Disabled }),
            None => Some(RepFault { place, problem: RepProblem::NotFound }),
        }
    };
    let mut faults: Vec<_> = named.into_iter().filter_map(fault).collect();
    // The source has left the caller's scope since it was resolved.
    if from.is_some_and(|from| !active.contains_key(&from)) {
        faults.push(RepFault { place: RepPlace::From, problem: RepProblem::NotFound });
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Returns the first name that the input uses for each sales rep.
fn names_by_id(named: &[NamedRep]) -> HashMap<UserId, String> {
    let mut input_names = HashMap::new();
    for rep in named {
        if let Some((id, _)) = rep.found {
            input_names.entry(id).or_insert_with(|| rep.name.clone());
        }
    }
    input_names
}

fn allocation(
    order: &Order,
    named: Vec<NamedRep>,
    from: Option<UserId>,
    within: Option<Vec<UserId>>,
) -> AllocationRequest {
    let reps = named.into_iter().filter_map(|rep| Some((rep.name, rep.found?.0))).collect();
    match order {
        Order::Assign { if_assigned, .. } | Order::Spread { if_assigned, .. } => {
            AllocationRequest::Assign { reps, if_assigned: *if_assigned, from: None, within }
        }
        Order::Transfer { .. } => {
            AllocationRequest::Assign { reps, if_assigned: IfAssigned::Move, from, within }
        }
        Order::Unassign { .. } => AllocationRequest::Unassign { reps },
    }
}

/// Counts the requested uids that are not assigned to the source of a transfer as not assigned.
fn add_not_from_source(outcome: &mut Outcome, mut not_from_source: Vec<String>) {
    let result = &mut outcome.result;
    result.not_served = i64::try_from(not_from_source.len()).unwrap_or(i64::MAX);
    let sample = &mut result.totals.not_assigned;
    sample.count += result.not_served;
    sample.uids.append(&mut not_from_source);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{
        Applied, BatchOutcome, BatchResult, MockAssignmentWriter, RepAssignedCounts, Totals, TransferCount,
    };

    use super::super::testing::{BATCH, Executed, assigned_counts_of, executed, locked, rep};
    use super::*;
    use crate::assignment::AssignmentGroup;
    use crate::shared::ChangeError;
    use crate::testing::{FakeTx, OneTx, actor, admin, allowed, changes, noon};

    type Tx = OneTx<FakeTx<MockAssignmentWriter>>;

    fn input(retailers: &[&str]) -> OrderInput {
        let retailers = retailers.iter().map(|uid| (*uid).to_owned()).collect();
        OrderInput {
            order: Order::Assign {
                groups: vec![AssignmentGroup { rep: RepSelector::Id(5), retailers }],
                if_assigned: IfAssigned::Share,
            },
            force: false,
            reason: Some("why".into()),
            plan: false,
        }
    }

    /// A writer that finds this sales rep and computes these counts.
    fn writer(found: Option<LockedRep>, assigned_counts: Vec<RepAssignedCounts>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_new_batch().returning(|_| Ok(BATCH));
        writer.expect_stage().returning(|_, _, _| Ok(()));
        let named = found.clone();
        writer.expect_named_reps().returning(move |_, _| {
            let found = named.as_ref().map(|rep| (rep.id, rep.active));
            Ok(vec![NamedRep { name: "5".into(), row: 0, found }])
        });
        writer.expect_lock().returning(move |_, _, _| Ok(found.clone().into_iter().collect()));
        writer.expect_compute_steps().returning(|_, _, _| Ok(Vec::new()));
        writer.expect_assigned_counts().returning(move |_, _| Ok(assigned_counts.clone()));
        let totals = Totals { assigned: 2, ..Totals::default() };
        writer.expect_totals().returning(move |_, _| Ok(totals.clone()));
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
            .returning(|_| Ok(Applied { computed: (2, 0), applied: (2, 0) }));
        writer.expect_clear().times(times).returning(|_, _| Ok(()));
        writer
    }

    async fn execute_with(
        tx: Tx,
        input: &OrderInput,
        options: &WriteOptions,
    ) -> (Executed<AssignmentError>, bool) {
        let committed = tx.committed();
        let use_case = ExecuteOrder::new(changes(tx));
        let result =
            executed(async |render| use_case.execute(&allowed(), input, options, render).await).await;
        (result, committed.load(Ordering::SeqCst))
    }

    async fn execute(tx: Tx, input: &OrderInput) -> (Executed<AssignmentError>, bool) {
        execute_with(tx, input, &WriteOptions::default()).await
    }

    #[tokio::test]
    async fn admin_assigns_retailers() {
        let tx = OneTx::new(FakeTx::of(applies(writer(Some(locked()), vec![assigned_counts_of(2)]), 1)));
        let (result, committed) = execute(tx, &input(&["A", "B"])).await;
        let outcome = result.unwrap();
        assert_eq!((outcome.batch, outcome.result.totals.assigned, committed), (Some(BATCH), 2, true));
        assert_eq!(outcome.assigned_counts[0].username, "sr00001");
    }

    #[tokio::test]
    async fn disabled_users_neither_assign_nor_receive_retailers() {
        let tx = OneTx::new(FakeTx::of(MockAssignmentWriter::new()).ended());
        let (result, committed) = execute(tx, &input(&["A"])).await;
        assert_eq!((result, committed), (Err(AssignmentError::Change(ChangeError::CallerEnded)), false));
        for (found, problem) in [
            (None, RepProblem::NotFound),
            (Some(LockedRep { active: false, ..locked() }), RepProblem::Disabled),
        ] {
            let tx = OneTx::new(FakeTx::of(writer(found, Vec::new())));
            let (result, committed) = execute(tx, &input(&["A"])).await;
            let faults = vec![RepFault { place: RepPlace::Group(0), problem }];
            assert_eq!((result, committed), (Err(AssignmentError::Reps(faults)), false));
        }
    }

    #[tokio::test]
    async fn a_group_without_a_valid_uid_names_a_known_sales_rep() {
        for (found, expected) in [
            (Some((locked(), 0)), None),
            (None, Some(RepProblem::NotFound)),
            (Some((LockedRep { active: false, ..locked() }, 0)), Some(RepProblem::Disabled)),
        ] {
            let mut writer = MockAssignmentWriter::new();
            writer.expect_new_batch().returning(|_| Ok(BATCH));
            writer.expect_stage().withf(|_, _, rows| rows.is_empty()).returning(|_, _, _| Ok(()));
            writer.expect_named_reps().returning(|_, _| Ok(Vec::new()));
            let rep = found.clone();
            writer.expect_reps().times(1).returning(move |_, _, _| Ok(vec![rep.clone()]));
            writer
                .expect_lock()
                .returning(move |_, _, _| Ok(found.clone().map(|(rep, _)| rep).into_iter().collect()));
            writer.expect_compute_steps().returning(|_, _, _| Ok(Vec::new()));
            writer.expect_assigned_counts().returning(|_, _| Ok(Vec::new()));
            writer.expect_totals().returning(|_, _| Ok(Totals::default()));
            writer.expect_clear().returning(|_, _| Ok(()));
            let (result, _) =
                execute(OneTx::new(FakeTx::of(writer)), &input(&["no uid", "no uid", "?"])).await;
            match expected {
                None => {
                    let BatchResult { not_found, invalid, .. } = &result.as_ref().unwrap().result;
                    assert_eq!(
                        (not_found.count, invalid.as_slice()),
                        (2, ["?", "no uid"].map(String::from).as_slice())
                    );
                    assert_eq!(result.unwrap().result.outcome(), BatchOutcome::Refused);
                }
                Some(problem) => {
                    let faults = vec![RepFault { place: RepPlace::Group(0), problem }];
                    assert_eq!(result, Err(AssignmentError::Reps(faults)));
                }
            }
        }
    }

    #[tokio::test]
    async fn unassigns_retailers_from_a_disabled_sales_rep() {
        let disabled = LockedRep { active: false, ..locked() };
        let writer = applies(writer(Some(disabled), vec![assigned_counts_of(2)]), 1);
        let groups = vec![AssignmentGroup { rep: RepSelector::Id(5), retailers: vec!["A".into()] }];
        let input = OrderInput { order: Order::Unassign { groups }, ..input(&[]) };
        let (result, _) = execute(OneTx::new(FakeTx::of(writer)), &input).await;
        assert!(result.is_ok());
    }

    #[tokio::test]
    async fn a_dry_run_changes_nothing_and_a_plan_is_saved() {
        let dry_run = WriteOptions { validate_only: true, ..WriteOptions::default() };
        let input = |plan| OrderInput { plan, ..input(&["A", "B"]) };
        for plan in [false, true] {
            let tx = OneTx::new(FakeTx::of(applies(writer(Some(locked()), vec![assigned_counts_of(2)]), 0)));
            let (result, committed) = execute_with(tx, &input(plan), &dry_run).await;
            assert_eq!((result.unwrap().batch, committed), (None, false));
        }
        let mut writer = applies(writer(Some(locked()), vec![assigned_counts_of(2)]), 0);
        writer.expect_save_plan().times(1).returning(|_| Ok(()));
        let (result, committed) = execute(OneTx::new(FakeTx::of(writer)), &input(true)).await;
        assert_eq!((result.unwrap().batch, committed), (Some(BATCH), true));
    }

    #[tokio::test]
    async fn rolls_back_when_applied_and_computed_steps_differ() {
        let mut writer = writer(Some(locked()), vec![assigned_counts_of(2)]);
        writer.expect_apply().returning(|_| Ok(Applied { computed: (2, 0), applied: (1, 0) }));
        let (result, committed) = execute(OneTx::new(FakeTx::of(writer)), &input(&["A", "B"])).await;
        assert!(result.is_err() && !committed);
    }

    #[tokio::test]
    async fn rejects_assignments_over_capacity_unless_forced() {
        let over = RepAssignedCounts { capacity: 1, ..assigned_counts_of(2) };
        for (force, refusals, refused) in [(false, 1, 2), (true, 0, 0)] {
            let mut writer = applies(writer(Some(locked()), vec![over]), 1);
            writer.expect_transfer_counts().times(1).returning(|_, _| Ok(Vec::<TransferCount>::new()));
            writer
                .expect_refuse()
                .times(refusals)
                .withf(|_, _, reps| reps == [rep()])
                .returning(|_, _, _| Ok(()));
            let input = OrderInput { force, ..input(&["A", "B"]) };
            let (result, _) = execute(OneTx::new(FakeTx::of(writer)), &input).await;
            let over = &result.unwrap().result.over_capacity[0];
            assert_eq!((over.rep.as_str(), over.count, over.limit, over.refused), ("5", 2, 1, refused));
        }
    }

    #[tokio::test]
    async fn number_of_calls_is_independent_of_the_number_of_retailers() {
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
            mock.expect_lock().times(1).returning(move |_, _, _| Ok(found.clone().into_iter().collect()));
            mock.expect_compute_steps().times(1).returning(|_, _, _| Ok(Vec::new()));
            mock.expect_assigned_counts().times(1).returning(|_, _| Ok(vec![assigned_counts_of(2)]));
            mock.expect_totals().times(1).returning(|_, _| Ok(Totals { assigned: 2, ..Totals::default() }));
            let uids: Vec<&str> = uids.iter().map(String::as_str).collect();
            let (result, _) = execute(OneTx::new(FakeTx::of(applies(mock, 1))), &input(&uids)).await;
            assert!(result.is_ok());
        }
    }

    #[tokio::test]
    async fn a_transfer_spreads_retailers_by_load_and_counts_unplaced_ones() {
        let mut mock = MockAssignmentWriter::new();
        mock.expect_reps().times(1).returning(|_, _, reps| {
            let one = |id: i64, assigned_count| {
                let username = format!("sr{id}");
                Some((LockedRep { id: UserId::new(id), username, active: true, capacity: 3 }, assigned_count))
            };
            Ok(reps.iter().zip([one(5, 4), one(6, 2), one(7, 1)]).map(|(_, found)| found).collect())
        });
        mock.expect_retailers_of().times(1).returning(|tenant, _, source| {
            assert_eq!((tenant, source), (haat_domain::shared::TenantId::new(1), UserId::new(5)));
            Ok(["A", "B", "C", "D"].map(|uid| RetailerUid::parse(uid).unwrap()).into())
        });
        mock.expect_new_batch().returning(|_| Ok(BATCH));
        mock.expect_stage().times(1).returning(|_, _, rows| {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| (row.rep.as_ref().unwrap().to_string(), row.uid.as_str().to_owned()))
                .collect();
            let row = |rep: &str, uid: &str| (rep.to_owned(), uid.to_owned());
            assert_eq!(rows, [row("6", "A"), row("7", "B"), row("7", "C")]);
            Ok(())
        });
        mock.expect_named_reps().returning(|_, _| Ok(Vec::new()));
        mock.expect_lock()
            .withf(|_, _, request| request.retailers == RetailerLock::Exclusive)
            .returning(|_, _, _| Ok(vec![locked()]));
        mock.expect_compute_steps()
            .withf(|_, _, allocation| {
                matches!(allocation, AllocationRequest::Assign { if_assigned: IfAssigned::Move, from: Some(from), .. }
                    if *from == UserId::new(5))
            })
            .returning(|_, _, _| Ok(Vec::new()));
        mock.expect_assigned_counts().returning(|_, _| Ok(Vec::new()));
        mock.expect_totals().returning(|_, _| Ok(Totals::default()));
        mock.expect_clear().times(1).returning(|_, _| Ok(()));
        let to = vec![RepSelector::Id(6), RepSelector::Id(7)];
        let order = Order::Transfer { from: RepSelector::Id(5), to, retailers: None };
        let input = OrderInput { order, ..input(&[]) };
        let (result, _) = execute(OneTx::new(FakeTx::of(mock)), &input).await;
        assert_eq!(result.unwrap().result.unplaced, 1);
    }
}
