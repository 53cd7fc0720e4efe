use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, TenantId};
use haat_domain::tenancy::{NewTenant, TenantTx};

use crate::shared::AuditedChange;

/// Errors of [`CreateTenant`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateTenantError {
    /// Another tenant has the slug.
    #[error("a tenant with this slug already exists")]
    Taken,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Creates a tenant from the command line of the server.
pub struct CreateTenant {
    db: Arc<dyn BeginTransaction<dyn TenantTx>>,
    clock: Arc<dyn Clock>,
}

impl CreateTenant {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn TenantTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Creates a tenant without users and returns its id.
    ///
    /// # Errors
    /// [`CreateTenantError`]. Nothing is changed on an error.
    pub async fn execute(&self, tenant: &NewTenant) -> Result<TenantId, CreateTenantError> {
        let mut tx = self.db.begin().await?;
        let Some(id) = tx.tenants().insert(tenant).await? else {
            tx.roll_back().await;
            return Err(CreateTenantError::Taken);
        };
        let created = AuditedChange {
            action: AuditAction::TenantCreate,
            id: id.to_string(),
            before: None,
            after: Some(vec![("slug", tenant.slug.as_str().into()), ("name", tenant.name.as_str().into())]),
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
    use haat_domain::shared::MockClock;
    use haat_domain::tenancy::{MockTenantWriter, NewTenantSlug, TenantName};

    use super::*;
    use crate::testing::{FakeTx, OneTx, noon};

    async fn create(id: Option<i64>) -> (Result<TenantId, CreateTenantError>, bool) {
        let mut tenants = MockTenantWriter::new();
        tenants
            .expect_insert()
            .withf(|tenant| (tenant.slug.as_str(), tenant.name.as_str()) == ("acme", "Acme Ltd"))
            .returning(move |_| Ok(id.map(TenantId::new)));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                (entries[0].action, entries[0].tenant.get(), entries[0].actor)
                    == (AuditAction::TenantCreate, 9, None)
            })
            .times(usize::from(id.is_some()))
            .returning(|_| Ok(()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of(tenants).with_audit(audit));
        let committed = tx.committed();
        let (slug, name) = (NewTenantSlug::parse("acme").unwrap(), TenantName::parse("Acme Ltd").unwrap());
        let tenant = NewTenant { slug, name, time_zone: None };
        let result = CreateTenant::new(Arc::new(tx), Arc::new(clock)).execute(&tenant).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn creates_and_audits_a_tenant_unless_the_slug_is_taken() {
        assert_eq!(create(Some(9)).await, (Ok(TenantId::new(9)), true));
        assert_eq!(create(None).await, (Err(CreateTenantError::Taken), false));
    }
}
