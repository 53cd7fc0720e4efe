use std::sync::Arc;

use haat_domain::audit::{AuditFilter, AuditKey, AuditLine, AuditReader};
use haat_domain::auth::UsernameReader;
use haat_domain::shared::{Page, PageRequest, StorageFailure};

use crate::shared::{Allowed, CursorKey, ReadAudit, UserSelector, stored_time};

/// A filter of the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAudit {
    /// The filter of entries. Its actor is set from the field `actor`.
    pub filter: AuditFilter,
    /// The user who made the changes.
    pub actor: Option<UserSelector>,
}

/// Reads the audit log.
pub struct AuditLog {
    log: Arc<dyn AuditReader>,
    users: Arc<dyn UsernameReader>,
}

impl AuditLog {
    /// Builds the use case.
    #[must_use]
    pub fn new(log: Arc<dyn AuditReader>, users: Arc<dyn UsernameReader>) -> Self {
        Self { log, users }
    }

    /// Returns a page of the entries of the caller's tenant, the newest first. An unknown actor has none.
    pub async fn list(
        &self,
        allowed: &Allowed<ReadAudit>,
        ListAudit { filter, actor }: &ListAudit,
        page: &PageRequest<AuditKey>,
    ) -> Result<Page<AuditLine, AuditKey>, StorageFailure> {
        let mut filter = filter.clone();
        if let Some(selector) = actor {
            let Some(id) = selector.id(&*self.users, allowed.tenant).await? else {
                return Ok(Page { rows: Vec::new(), next: None });
            };
            filter.actor = Some(id);
        }
        self.log.list(allowed.tenant, &filter, page).await
    }
}

impl CursorKey for AuditKey {
    /// Microseconds since the Unix epoch, and the id.
    type Parts = (i64, i64);

    fn parts(&self) -> Self::Parts {
        (self.at.timestamp_micros(), self.id)
    }

    fn of((at, id): Self::Parts) -> Option<Self> {
        Some(Self { at: stored_time(at)?, id })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::audit::MockAuditReader;
    use haat_domain::auth::{MockUsernameReader, Username};
    use haat_domain::shared::UserId;

    use super::*;
    use crate::testing::{actor, allowed};

    async fn list(
        log: MockAuditReader,
        user: Option<UserId>,
        by: UserSelector,
    ) -> Result<Page<AuditLine, AuditKey>, StorageFailure> {
        let mut users = MockUsernameReader::new();
        users.expect_id_of().returning(move |_, _| Ok(user));
        let filter = ListAudit { actor: Some(by), ..ListAudit::default() };
        AuditLog::new(Arc::new(log), Arc::new(users)).list(&allowed(), &filter, &PageRequest::default()).await
    }

    fn username() -> UserSelector {
        UserSelector::Username(Username::parse("sr00009").unwrap())
    }

    #[tokio::test]
    async fn selects_the_actor_by_id_or_username() {
        for selector in [UserSelector::Id(9), username()] {
            let mut log = MockAuditReader::new();
            log.expect_list()
                .withf(|tenant, filter, _| *tenant == actor().tenant && filter.actor == Some(UserId::new(9)))
                .times(1)
                .returning(|_, _, _| Ok(Page { rows: vec![], next: None }));
            assert!(list(log, Some(UserId::new(9)), selector).await.is_ok());
        }
    }

    #[tokio::test]
    async fn an_unknown_actor_has_no_entries() {
        let page = list(MockAuditReader::new(), None, username()).await;
        assert_eq!(page, Ok(Page { rows: vec![], next: None }));
    }
}
