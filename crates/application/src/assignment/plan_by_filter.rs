use haat_domain::assignment::{IfAssigned, RepSelector};
use haat_domain::change::StoredResponse;
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::TerritoryId;

use super::{AssignmentError, ChangeAssignments, ChangeAssignmentsInput, Order, Outcome};
use crate::retailer::pool::{ExportRetailers, PoolError, PoolInput};
use crate::shared::{Actor, ChangeError, Idempotent, Permission, Refusal, Refused, Text, WriteOptions};

/// The maximum number of retailers of such a plan. A file can assign more.
const MAX_RETAILERS: usize = 100_000;

/// A filter of retailers and the sales reps to assign them to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanByFilterInput {
    /// The filter.
    pub filter: PoolInput,
    /// The recipients. Each retailer is assigned to the one with the fewest retailers.
    pub to: Vec<RepSelector>,
    /// The handling of retailers that another sales rep serves already.
    pub if_assigned: IfAssigned,
    /// Allows sales reps to exceed their capacity.
    pub force: bool,
    /// The reason for the change.
    pub reason: Option<String>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a plan was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanByFilterError {
    /// The order cannot be executed.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// The pool cannot be filtered like this.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The filter matches more retailers than one plan may contain.
    #[error("a plan contains at most {MAX_RETAILERS} retailers")]
    TooMany,
}

impl Refusal for PlanByFilterError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Assignment(error) => error.refuse(),
            Self::Pool(error) => error.refuse().under("filter"),
            Self::TooMany => Refused::invalid_field(
                "filter",
                "too-many",
                Text::new(self.to_string(), "একটি পরিকল্পনায় সর্বোচ্চ ১০০০০০টি দোকান থাকতে পারে"),
            ),
        }
    }
}

/// Creates a plan that assigns all retailers matching a filter to some sales reps.
pub struct PlanByFilter {
    retailers: ExportRetailers,
    change: ChangeAssignments,
}

impl PlanByFilter {
    /// Builds the use case.
    #[must_use]
    pub fn new(retailers: ExportRetailers, change: ChangeAssignments) -> Self {
        Self { retailers, change }
    }

    /// Creates the plan. `stored_response` renders the response that is stored for replays.
    ///
    /// # Errors
    /// [`PlanByFilterError`]. Nothing is saved on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: PlanByFilterInput,
        stored_response: &(dyn Fn(&Outcome) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Outcome>, PlanByFilterError> {
        actor.check(Permission::ChangeAssignments).map_err(AssignmentError::Change)?;
        // Reads before the transaction: the transaction holds a connection, and this read uses others.
        let retailers = self.matching(actor, &input.filter).await?;
        let order = Order::Spread { retailers, to: input.to, if_assigned: input.if_assigned };
        let input = ChangeAssignmentsInput {
            order,
            force: input.force,
            reason: input.reason,
            plan: true,
            write_options: input.write_options,
        };
        Ok(self.change.execute(actor, &input, stored_response).await?)
    }

    /// Returns the matching retailers, those of one territory together.
    async fn matching(
        &self,
        actor: &Actor,
        filter: &PoolInput,
    ) -> Result<Vec<RetailerUid>, PlanByFilterError> {
        let mut export = self.retailers.execute(actor, filter).await?;
        let mut retailers: Vec<(TerritoryId, String, RetailerUid)> = Vec::new();
        while let Some(part) =
            export.next().await.map_err(|failure| AssignmentError::Change(ChangeError::Storage(failure)))?
        {
            retailers.extend(
                part.rows.into_iter().map(|retailer| (retailer.territory, retailer.name, retailer.uid)),
            );
            if retailers.len() > MAX_RETAILERS {
                return Err(PlanByFilterError::TooMany);
            }
        }
        retailers.sort_unstable();
        Ok(retailers.into_iter().map(|(_, _, uid)| uid).collect())
    }
}
