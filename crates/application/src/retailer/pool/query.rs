use std::sync::Arc;

use haat_domain::auth::UsernameReader;
use haat_domain::retailer::{RetailerFilter, RetailerQuery, Service};
use haat_domain::shared::Scope;
use haat_domain::territory::SalesMapReader;

use crate::retailer::list_retailers::{check_pool, filter_of};
use crate::retailer::{ListRetailersError, ListRetailersInput};
use crate::shared::{Actor, Permission, Refusal, Refused, UserSelector, codes};

/// A query for the pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolInput {
    /// The parameters of every list of retailers.
    pub list: ListRetailersInput,
    /// The assignment state: assigned or unassigned.
    pub service: Option<Service>,
    /// Selects deleted retailers instead of the others.
    pub deleted: bool,
    /// The sales rep to whom the retailers are assigned.
    pub sales_rep: Option<UserSelector>,
}

/// Reasons why the pool cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The list cannot be read.
    #[error(transparent)]
    List(#[from] ListRetailersError),
}

impl Refusal for PoolError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::List(error) => error.refuse(),
        }
    }
}

/// The sources that resolve a query for the pool.
#[derive(Clone)]
pub struct PoolSource {
    /// The sales maps.
    pub maps: Arc<dyn SalesMapReader>,
    /// The users by username.
    pub users: Arc<dyn UsernameReader>,
}

impl PoolSource {
    /// Checks the query and translates it to ids: the scope, and the query in it. Returns `None` for an
    /// unknown sales rep.
    pub(super) async fn resolve(
        &self,
        actor: &Actor,
        input: &PoolInput,
    ) -> Result<Option<(Scope, RetailerQuery)>, PoolError> {
        if !actor.may(Permission::ManageRetailers) {
            return Err(PoolError::Forbidden);
        }
        if input.list.page.after.as_ref().is_some_and(|key| key.field() != input.list.sort.field) {
            return Err(ListRetailersError::OtherOrder.into());
        }
        let scope = match &input.sales_rep {
            None => Scope::All,
            Some(rep) => {
                let rep = rep.id(&*self.users, actor.tenant).await.map_err(ListRetailersError::from)?;
                let Some(rep) = rep else {
                    return Ok(None);
                };
                Scope::Rep(rep)
            }
        };
        let filter = filter_of(&*self.maps, actor.tenant, &input.list).await;
        let filter = RetailerFilter {
            service: input.service,
            deleted: input.deleted,
            ..filter.map_err(ListRetailersError::from)?
        };
        let query = RetailerQuery { filter, sort: input.list.sort };
        if scope == Scope::All {
            check_pool(&query, &input.list.page)?;
        }
        Ok(Some((scope, query)))
    }
}
