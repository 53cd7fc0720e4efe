use std::sync::Arc;

use haat_domain::identity::{TenantName, TenantSlug, TenantTx};
use haat_domain::shared::{Begin, Clock, StorageFailure, TenantId};

use crate::shared::Changed;

/// Why there is no new company.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateTenantError {
    /// Another one has the short name.
    #[error("there is a tenant of that name already")]
    Taken,
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Adds a company, from the command line of the server.
pub struct CreateTenant {
    db: Arc<dyn Begin<dyn TenantTx>>,
    clock: Arc<dyn Clock>,
}

impl CreateTenant {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn TenantTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The id of the company. Nobody is in it yet.
    ///
    /// # Errors
    /// [`CreateTenantError`]; nothing was changed then.
    pub async fn execute(&self, slug: &TenantSlug, name: &TenantName) -> Result<TenantId, CreateTenantError> {
        let mut tx = self.db.begin().await?;
        let Some(id) = tx.tenants().insert(slug, name).await? else {
            tx.roll_back().await;
            return Err(CreateTenantError::Taken);
        };
        let created = Changed {
            action: "tenant.create",
            entity: "tenant",
            id: id.to_string(),
            before: None,
            after: Some(vec![("slug", slug.as_str().into()), ("name", name.as_str().into())]),
        };
        let entry = created.by_operator(id, "haat create-tenant", self.clock.now());
        tx.audit().record(&[entry]).await?;
        tx.commit().await?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::MockTenantWriter;
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, noon};

    async fn create(id: Option<i64>) -> (Result<TenantId, CreateTenantError>, bool) {
        let mut tenants = MockTenantWriter::new();
        tenants
            .expect_insert()
            .withf(|slug, name| (slug.as_str(), name.as_str()) == ("acme", "Acme Ltd"))
            .returning(move |_, _| Ok(id.map(TenantId::new)));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                (entries[0].action, entries[0].tenant.get(), entries[0].actor) == ("tenant.create", 9, None)
            })
            .times(usize::from(id.is_some()))
            .returning(|_| Ok(()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of(tenants).with_audit(audit));
        let committed = tx.committed();
        let (slug, name) = (TenantSlug::parse("acme").unwrap(), TenantName::parse("Acme Ltd").unwrap());
        let result = CreateTenant::new(Arc::new(tx), Arc::new(clock)).execute(&slug, &name).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_company_is_added_and_told_of_unless_the_name_is_taken() {
        assert_eq!(create(Some(9)).await, (Ok(TenantId::new(9)), true));
        assert_eq!(create(None).await, (Err(CreateTenantError::Taken), false));
    }
}
