//! Query plans of frequent statements, on tables large enough that a wrong plan is slow.

use haat_domain::people::{PersonKey, PersonOrder, PersonQuery};
use haat_domain::shared::{NameKey, PageRequest, Role, SearchText, Targets, TenantId};
use haat_test_support::{assert_by_index, seeded};

use crate::org;

const TENANT: TenantId = TenantId::new(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_people_uses_the_list_index() {
    let (database, rep) = seeded().await;
    let db = org(&database);
    for search in [None, SearchText::parse("ahim").ok()] {
        let query = PersonQuery { search, active: Some(true), ..PersonQuery::all(Some(Role::SalesRep)) };
        for after in
            [None, Some(PersonKey { assigned_count: 0, name: NameKey { name: "Karim".into(), id: rep } })]
        {
            let page = PageRequest { after, ..PageRequest::default() };
            let plan = db.explain_people_list(TENANT, &Targets::everything(), &query, &page).await.unwrap();
            assert_by_index(&plan);
            let in_index = plan
                .lines()
                .any(|line| line.contains("Index Cond: (") && line.contains("(ROW(name, id) > ROW("));
            assert!(
                in_index && plan.contains("users_list_idx"),
                "the page is not read from the index:\n{plan}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_by_assigned_count_read_assignments_by_index() {
    let (database, rep) = seeded().await;
    let db = org(&database);
    let order = PersonOrder::parse("-assignedCount").unwrap();
    for assigned in [(None, None), (Some(60), Some(80))] {
        let query = PersonQuery { order, assigned, ..PersonQuery::all(Some(Role::SalesRep)) };
        for after in
            [None, Some(PersonKey { assigned_count: 70, name: NameKey { name: "Karim".into(), id: rep } })]
        {
            let page = PageRequest { after, ..PageRequest::default() };
            let plan = db.explain_people_list(TENANT, &Targets::everything(), &query, &page).await.unwrap();
            assert_by_index(&plan);
            assert!(plan.contains("Index Only Scan using sales_rep_retailers_"), "{plan}");
        }
    }
}
