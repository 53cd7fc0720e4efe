use haat_domain::assignment::{IfAssigned, RepRef};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{Receipt, TerritoryId};

use super::{AssignmentError, ChangeAssignments, ChangeAssignmentsInput, Order, Outcome};
use crate::retailer::office::{ExportRetailers, PoolError, PoolInput};
use crate::shared::{Actor, Change, ChangeError, Done, Permission};

/// The most shops of one such plan; more go by file.
const MOST: usize = 100_000;

/// Which shops are to be given to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanByFilterInput {
    /// Which.
    pub filter: PoolInput,
    /// To whom, each shop to whoever has the fewest.
    pub to: Vec<RepRef>,
    /// What becomes of shops that somebody serves.
    pub if_assigned: IfAssigned,
    /// Whether a representative may be given more shops than they can serve.
    pub force: bool,
    /// Why.
    pub reason: Option<String>,
    /// How it is asked for.
    pub change: Change,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanByFilterError {
    /// It could not be drawn.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// There is no such part of the pool.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// More shops than one plan holds.
    #[error("a plan holds at most {MOST} shops")]
    TooMany,
}

/// Plans to give all shops that a filter leaves to some representatives.
pub struct PlanByFilter {
    shops: ExportRetailers,
    change: ChangeAssignments,
}

impl PlanByFilter {
    /// Builds the use case.
    #[must_use]
    pub fn new(shops: ExportRetailers, change: ChangeAssignments) -> Self {
        Self { shops, change }
    }

    /// The plan. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`PlanByFilterError`]; nothing was kept then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: PlanByFilterInput,
        receipt: &(dyn Fn(&Outcome) -> Receipt + Sync),
    ) -> Result<Done<Outcome>, PlanByFilterError> {
        actor.check(Permission::ChangeAssignments).map_err(AssignmentError::Change)?;
        // Before the transaction: it holds a connection, and this asks on others.
        let shops = self.matching(actor, &input.filter).await?;
        let order = Order::Spread { shops, to: input.to, if_assigned: input.if_assigned };
        let input = ChangeAssignmentsInput {
            order,
            force: input.force,
            reason: input.reason,
            plan: true,
            change: input.change,
        };
        Ok(self.change.execute(actor, &input, receipt).await?)
    }

    /// The shops, those of one territory together.
    async fn matching(
        &self,
        actor: &Actor,
        filter: &PoolInput,
    ) -> Result<Vec<RetailerUid>, PlanByFilterError> {
        let mut export = self.shops.execute(actor, filter).await?;
        let mut shops: Vec<(TerritoryId, String, RetailerUid)> = Vec::new();
        while let Some(part) =
            export.next().await.map_err(|failure| AssignmentError::Change(ChangeError::Storage(failure)))?
        {
            shops.extend(part.rows.into_iter().map(|shop| (shop.territory, shop.name, shop.uid)));
            if shops.len() > MOST {
                return Err(PlanByFilterError::TooMany);
            }
        }
        shops.sort_unstable();
        Ok(shops.into_iter().map(|(_, _, uid)| uid).collect())
    }
}
