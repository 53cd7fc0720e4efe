use std::sync::Arc;

use haat_domain::auth::UsernameReader;
use haat_domain::retailer::{RetailerQuery, Service};
use haat_domain::shared::{Scope, TenantId};
use haat_domain::territory::SalesMapReader;

use crate::retailer::list_retailers::{check_order, check_pool, query_of};
use crate::retailer::{ListRetailersError, ListRetailersInput};
use crate::shared::UserSelector;

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
        tenant: TenantId,
        input: &PoolInput,
    ) -> Result<Option<(Scope, RetailerQuery)>, ListRetailersError> {
        check_order(&input.list)?;
        let scope = match &input.sales_rep {
            None => Scope::All,
            Some(rep) => match rep.id(&*self.users, tenant).await? {
                Some(rep) => Scope::Rep(rep),
                None => return Ok(None),
            },
        };
        let mut query = query_of(&*self.maps, tenant, &input.list).await?;
        (query.filter.service, query.filter.deleted) = (input.service, input.deleted);
        if scope == Scope::All {
            check_pool(&query)?;
        }
        Ok(Some((scope, query)))
    }
}
