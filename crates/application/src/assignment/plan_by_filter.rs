use haat_domain::assignment::{IfAssigned, RepSelector};
use haat_domain::change::StoredResponse;
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::TerritoryId;

use super::{AssignmentError, ExecuteOrder, Order, OrderInput, Outcome};
use crate::retailer::ListRetailersError;
use crate::retailer::pool::{ExportRetailers, PoolInput};
use crate::shared::{
    Actor, Allowed, ChangeAssignments, ChangeError, Forbidden, ReadPool, Refusal, Refused, Rendered, Text,
    WriteOptions,
};

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
}

/// Reasons why a plan was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanByFilterError {
    /// The order cannot be executed.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// The caller may not read the pool.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The pool cannot be filtered like this.
    #[error(transparent)]
    Filter(#[from] ListRetailersError),
    /// The filter matches more retailers than one plan may contain.
    #[error("a plan contains at most {MAX_RETAILERS} retailers")]
    TooMany,
}

impl Refusal for PlanByFilterError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Assignment(error) => error.refuse(),
            Self::Forbidden(error) => error.refuse(),
            Self::Filter(error) => error.refuse().under("filter"),
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
    orders: ExecuteOrder,
}

impl PlanByFilter {
    /// Builds the use case.
    #[must_use]
    pub fn new(retailers: ExportRetailers, orders: ExecuteOrder) -> Self {
        Self { retailers, orders }
    }

    /// Creates the plan. `render` renders its outcome.
    ///
    /// # Errors
    /// [`PlanByFilterError`]. Nothing is saved on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        input: PlanByFilterInput,
        options: &WriteOptions,
        render: impl FnOnce(&Outcome) -> Rendered,
    ) -> Result<StoredResponse, PlanByFilterError> {
        // Reads before the transaction: the transaction holds a connection, and this read uses others.
        let retailers = self.matching(allowed, &input.filter).await?;
        let order = Order::Spread { retailers, to: input.to, if_assigned: input.if_assigned };
        let input = OrderInput { order, force: input.force, reason: input.reason, plan: true };
        Ok(self.orders.execute(allowed, &input, options, render).await?)
    }

    /// Returns the matching retailers, those of one territory together.
    async fn matching(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        filter: &PoolInput,
    ) -> Result<Vec<RetailerUid>, PlanByFilterError> {
        let mut export =
            self.retailers.begin(&Allowed::<ReadPool>::check(Actor::clone(allowed))?, filter).await?;
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
