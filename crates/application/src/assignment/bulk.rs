//! What assigning and unassigning many shops have in common.

use haat_domain::assignment::{AssignmentChange, AssignmentGroup, AssignmentTx, FoundRep, RepGroup, RepRef};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};

use crate::shared::{Actor, Begun, Change, ChangeError, Permission, begin};

/// Groups of shops, as an administrator gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkInput {
    /// The groups.
    pub groups: Vec<AssignmentGroup>,
    /// Whether a representative may be given more shops than they can serve.
    pub force: bool,
    /// Why.
    pub reason: Option<String>,
    /// How it is asked for.
    pub change: Change,
}

/// What is wrong with the representative of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepFault {
    /// Which group, from 0.
    pub group: usize,
    /// They are disabled; otherwise there is no such representative.
    pub disabled: bool,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Some groups are of nobody who can serve shops.
    #[error("unknown or disabled representatives")]
    Reps(Vec<RepFault>),
}

impl From<StorageFailure> for BulkError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// A transaction in which the groups' representatives are locked, or the receipt of when this was done before.
pub(super) enum Prepared {
    Now(Box<Work>),
    Before(Receipt),
}

/// What is to be done, in its transaction.
pub(super) struct Work {
    pub(super) tx: Box<dyn AssignmentTx>,
    pub(super) change: AssignmentChange,
    /// Texts that can be no shop's uid.
    pub(super) impossible: Vec<String>,
}

impl Work {
    /// All uids of no shop, each once, in order.
    pub(super) fn not_found(&mut self, unknown: Vec<String>) -> Vec<String> {
        let mut all = unknown;
        all.append(&mut self.impossible);
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Checks the caller, takes the key, finds and locks the representatives.
pub(super) async fn prepare(
    db: &dyn Begin<dyn AssignmentTx>,
    clock: &dyn Clock,
    actor: &Actor,
    input: &BulkInput,
    disabled_too: bool,
) -> Result<Prepared, BulkError> {
    let mut tx = match begin(db, actor, Permission::ChangeAssignments, &input.change).await? {
        Begun::Now(tx) => tx,
        Begun::Before(receipt) => return Ok(Prepared::Before(receipt)),
    };
    let names: Vec<RepRef> = input.groups.iter().map(|group| group.rep.clone()).collect();
    let found = tx.assignments().lock_reps(actor.tenant, &names).await?;
    let (groups, impossible) = with_reps(&input.groups, &found, disabled_too).map_err(BulkError::Reps)?;
    let change = AssignmentChange {
        tenant: actor.tenant,
        actor: (actor.user, actor.role),
        groups,
        force: input.force,
        reason: input.reason.clone(),
        at: clock.now(),
        request_id: input.change.request_id.clone(),
    };
    Ok(Prepared::Now(Box::new(Work { tx, change, impossible })))
}

/// The groups of the representatives that were found, each representative once, and the texts in them that can be no
/// uid.
fn with_reps(
    groups: &[AssignmentGroup],
    found: &[Option<FoundRep>],
    disabled_too: bool,
) -> Result<(Vec<RepGroup>, Vec<String>), Vec<RepFault>> {
    let mut faults = Vec::new();
    let mut impossible = Vec::new();
    let mut merged: Vec<RepGroup> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for ((number, group), rep) in groups.iter().enumerate().zip(found) {
        let rep = match rep {
            Some(rep) if rep.active || disabled_too => *rep,
            rep => {
                faults.push(RepFault { group: number, disabled: rep.is_some() });
                continue;
            }
        };
        let place = *places.entry(rep.id).or_insert(merged.len());
        if place == merged.len() {
            merged.push(RepGroup { rep, given: group.rep.clone(), retailers: Vec::new() });
        }
        for text in &group.retailers {
            match (RetailerUid::parse(text), merged.get_mut(place)) {
                (Ok(uid), Some(group)) => group.retailers.push(uid),
                _ => impossible.push(text.clone()),
            }
        }
    }
    if faults.is_empty() { Ok((merged, impossible)) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Username;
    use haat_domain::shared::UserId;

    use super::*;

    #[test]
    fn two_names_of_one_representative_are_one_group() {
        let name = |name: &str| RepRef::Username(Username::parse(name).unwrap());
        let group = |rep: RepRef, uid: &str| AssignmentGroup { rep, retailers: vec![uid.into()] };
        let rep = |id| Some(FoundRep { id: UserId::new(id), active: id < 9, capacity: 10 });
        let groups =
            [group(name("sr00001"), " A "), group(RepRef::Id(2), "not a uid"), group(RepRef::Id(1), "C")];
        let (merged, impossible) = with_reps(&groups, &[rep(1), rep(2), rep(1)], false).unwrap();
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].given, name("sr00001"));
        assert_eq!(merged[0].retailers, ["A", "C"].map(|uid| RetailerUid::parse(uid).unwrap()));
        assert_eq!(impossible, ["not a uid"]);
        let faults = with_reps(&groups, &[None, rep(9), rep(1)], false).unwrap_err();
        assert_eq!(faults, [RepFault { group: 0, disabled: false }, RepFault { group: 1, disabled: true }]);
        assert!(with_reps(&groups[1..], &[rep(9), rep(1)], true).is_ok(), "who is disabled can lose shops");
    }
}
