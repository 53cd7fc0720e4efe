use std::sync::Arc;

use haat_domain::auth::UsernameReader;
use haat_domain::retailer::{RetailerQuery, Service};
use haat_domain::shared::Scope;
use haat_domain::territory::SalesMapReader;

use crate::retailer::list_retailers::{check_order, check_pool, query_of};
use crate::retailer::{ListRetailersError, ListRetailersInput};
use crate::shared::{Allowed, ReadPool, Scopes, UserSelector};

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
    /// The scopes of callers.
    pub scopes: Scopes,
}

impl PoolSource {
    /// Checks the query and translates it to ids: the scope of the caller, and the query in it. Returns `None` for an
    /// unknown sales rep, and for deleted retailers unless the scope is the whole tenant.
    pub(super) async fn resolve(
        &self,
        allowed: &Allowed<ReadPool>,
        input: &PoolInput,
    ) -> Result<Option<(Scope, RetailerQuery)>, ListRetailersError> {
        check_order(&input.list)?;
        let (tenant, scope) = (allowed.tenant, self.scopes.retailers(allowed).await?);
        let mut query = query_of(&*self.maps, tenant, &input.list).await?;
        // After all other errors, so that the response does not show whether the username exists.
        let rep = match &input.sales_rep {
            None => None,
            Some(rep) => match rep.id(&*self.users, tenant).await? {
                Some(rep) => Some(rep),
                None => return Ok(None),
            },
        };
        (query.filter.service, query.filter.deleted, query.filter.rep) = (input.service, input.deleted, rep);
        check_pool(&scope, &query)?;
        if input.deleted && scope != Scope::All {
            return Ok(None);
        }
        Ok(Some((scope, query)))
    }
}
