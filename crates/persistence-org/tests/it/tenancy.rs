use haat_domain::shared::TenantId;
use haat_domain::tenancy::{TenantReader, TenantSlug};
use haat_test_support::{Fixture, TestDatabase};

use crate::org;

#[tokio::test(flavor = "multi_thread")]
async fn finds_active_tenants_only() {
    let database = TestDatabase::new().await;
    let Fixture { theirs, .. } = Fixture::new(&database).await;
    let (db, slug) = (org(&database), TenantSlug::parse(theirs.slug).unwrap());
    assert_eq!(db.id_of(&slug).await, Ok(Some(TenantId::new(theirs.tenant))));
    let close = "UPDATE tenants SET state = 'closed' WHERE id = $1";
    database.owner().await.execute(close, &[&theirs.tenant]).await.unwrap();
    assert_eq!(db.id_of(&slug).await, Ok(None));
}
