use std::sync::Arc;

use haat_domain::identity::UsernameReader;
use haat_domain::retailer::{RetailerFilter, RetailerQuery, Service};
use haat_domain::shared::Scope;
use haat_domain::territory::SalesMapReader;

use crate::retailer::list_retailers::{check_pool, filter_of};
use crate::retailer::{ListRetailersError, ListRetailersInput};
use crate::shared::{Actor, Permission, UserRef};

/// Which part of the pool is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolInput {
    /// What any list of shops can be asked for.
    pub list: ListRetailersInput,
    /// Served by somebody, or by nobody.
    pub service: Option<Service>,
    /// The deleted ones instead of the others.
    pub deleted: bool,
    /// Served by this representative.
    pub sales_rep: Option<UserRef>,
}

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The caller may not see the pool.
    #[error("the caller may not do this")]
    Forbidden,
    /// There is no such list.
    #[error(transparent)]
    List(#[from] ListRetailersError),
}

/// What a question about the pool is made of.
#[derive(Clone)]
pub struct PoolSource {
    /// Sales maps.
    pub maps: Arc<dyn SalesMapReader>,
    /// Users by their names.
    pub users: Arc<dyn UsernameReader>,
}

impl PoolSource {
    /// The question in ids: among whose shops, and which of them. `None` where the representative is nobody.
    pub(super) async fn question(
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
