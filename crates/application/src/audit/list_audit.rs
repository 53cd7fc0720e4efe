use std::sync::Arc;

use haat_domain::audit::{AuditFilter, AuditKey, AuditLine, AuditReader};
use haat_domain::identity::UsernameReader;
use haat_domain::shared::{Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission, UserRef};

/// Which part of the log is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAuditInput {
    /// Which entries; their actor is `actor` beside it.
    pub filter: AuditFilter,
    /// By this user.
    pub actor: Option<UserRef>,
    /// The page.
    pub page: PageRequest<AuditKey>,
}

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListAuditError {
    /// The caller may not read the log.
    #[error("the caller may not do this")]
    Forbidden,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// The audit log of the caller's company, the newest entries first.
pub struct ListAudit {
    log: Arc<dyn AuditReader>,
    users: Arc<dyn UsernameReader>,
}

impl ListAudit {
    /// Builds the use case.
    #[must_use]
    pub fn new(log: Arc<dyn AuditReader>, users: Arc<dyn UsernameReader>) -> Self {
        Self { log, users }
    }

    /// One page.
    ///
    /// # Errors
    /// [`ListAuditError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &ListAuditInput,
    ) -> Result<Page<AuditLine, AuditKey>, ListAuditError> {
        if !actor.may(Permission::ReadAudit) {
            return Err(ListAuditError::Forbidden);
        }
        let mut filter = input.filter.clone();
        if let Some(who) = &input.actor {
            let Some(id) = who.id(&*self.users, actor.tenant).await? else {
                return Ok(Page { rows: Vec::new(), next: None });
            };
            filter.actor = Some(id);
        }
        Ok(self.log.list(actor.tenant, &filter, &input.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::audit::MockAuditReader;
    use haat_domain::identity::{MockUsernameReader, Role, Username};
    use haat_domain::shared::UserId;

    use super::*;
    use crate::testing::actor;

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    fn by(actor: UserRef) -> ListAuditInput {
        ListAuditInput { actor: Some(actor), ..ListAuditInput::default() }
    }

    #[tokio::test]
    async fn an_actor_is_found_by_id_and_by_name() {
        for who in [UserRef::Id(9), UserRef::Username(Username::parse("sr00009").unwrap())] {
            let mut users = MockUsernameReader::new();
            users.expect_id_of().returning(|_, _| Ok(Some(UserId::new(9))));
            let mut log = MockAuditReader::new();
            log.expect_list()
                .withf(|tenant, filter, _| *tenant == actor().tenant && filter.actor == Some(UserId::new(9)))
                .times(1)
                .returning(|_, _, _| Ok(Page { rows: vec![], next: None }));
            let list = ListAudit::new(Arc::new(log), Arc::new(users));
            assert!(list.execute(&admin(), &by(who)).await.is_ok());
        }
    }

    #[tokio::test]
    async fn nobody_of_that_name_did_nothing() {
        let mut users = MockUsernameReader::new();
        users.expect_id_of().returning(|_, _| Ok(None));
        let list = ListAudit::new(Arc::new(MockAuditReader::new()), Arc::new(users));
        let page = list.execute(&admin(), &by(UserRef::Username(Username::parse("nobody").unwrap()))).await;
        assert_eq!(page, Ok(Page { rows: vec![], next: None }));
    }

    #[tokio::test]
    async fn a_representative_never_reaches_the_log() {
        let list = ListAudit::new(Arc::new(MockAuditReader::new()), Arc::new(MockUsernameReader::new()));
        let result = list.execute(&actor(), &ListAuditInput::default()).await;
        assert_eq!(result, Err(ListAuditError::Forbidden));
    }
}
