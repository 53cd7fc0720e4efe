use std::sync::Arc;

use haat_domain::audit::{AuditFilter, AuditKey, AuditLine, AuditReader};
use haat_domain::auth::UsernameReader;
use haat_domain::shared::{Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission, Refusal, Refused, UserSelector, codes};

/// A query for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAuditInput {
    /// The filter of entries. Its actor is set from the field `actor`.
    pub filter: AuditFilter,
    /// The user who made the changes.
    pub actor: Option<UserSelector>,
    /// The page.
    pub page: PageRequest<AuditKey>,
}

/// Reasons why the audit log cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListAuditError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ListAuditError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Lists the audit log of the caller's tenant, the newest entries first.
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

    /// Returns a page.
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
        if let Some(selector) = &input.actor {
            let Some(id) = selector.id(&*self.users, actor.tenant).await? else {
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
    use haat_domain::auth::{MockUsernameReader, Username};
    use haat_domain::shared::{Role, UserId};

    use super::*;
    use crate::testing::actor;

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    fn by(actor: UserSelector) -> ListAuditInput {
        ListAuditInput { actor: Some(actor), ..ListAuditInput::default() }
    }

    #[tokio::test]
    async fn selects_the_actor_by_id_or_username() {
        for selector in [UserSelector::Id(9), UserSelector::Username(Username::parse("sr00009").unwrap())] {
            let mut users = MockUsernameReader::new();
            users.expect_id_of().returning(|_, _| Ok(Some(UserId::new(9))));
            let mut log = MockAuditReader::new();
            log.expect_list()
                .withf(|tenant, filter, _| *tenant == actor().tenant && filter.actor == Some(UserId::new(9)))
                .times(1)
                .returning(|_, _, _| Ok(Page { rows: vec![], next: None }));
            let list = ListAudit::new(Arc::new(log), Arc::new(users));
            assert!(list.execute(&admin(), &by(selector)).await.is_ok());
        }
    }

    #[tokio::test]
    async fn an_unknown_actor_has_no_entries() {
        let mut users = MockUsernameReader::new();
        users.expect_id_of().returning(|_, _| Ok(None));
        let list = ListAudit::new(Arc::new(MockAuditReader::new()), Arc::new(users));
        let page =
            list.execute(&admin(), &by(UserSelector::Username(Username::parse("unknown").unwrap()))).await;
        assert_eq!(page, Ok(Page { rows: vec![], next: None }));
    }

    #[tokio::test]
    async fn sales_reps_are_forbidden_without_a_read() {
        let list = ListAudit::new(Arc::new(MockAuditReader::new()), Arc::new(MockUsernameReader::new()));
        let result = list.execute(&actor(), &ListAuditInput::default()).await;
        assert_eq!(result, Err(ListAuditError::Forbidden));
    }
}
