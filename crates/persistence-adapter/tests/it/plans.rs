//! Query plans of frequent statements, on tables large enough that a wrong plan is slow.

use haat_domain::assignment::Interval;
use haat_domain::retailer::{
    RetailerFilter, RetailerKey, RetailerQuery, RetailerSort, RetailerSortField, RetailerUid,
};
use haat_domain::shared::{
    AreaId, BatchId, DistributorId, PageRequest, RegionId, RetailerId, Scope, SearchMatch, SearchText,
    Targets, TenantId, UserId,
};
use haat_domain::territory::SalesMapReader;
use haat_test_support::{assert_by_index, seeded};

/// Asserts that the rows come from an index in order.
pub(crate) fn assert_not_sorted(plan: &str) {
    assert!(!plan.contains("Sort Key: "), "the plan sorts:\n{plan}");
}

pub(crate) const TENANT: TenantId = TenantId::new(1);

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_lookups_use_indexes() {
    let (database, rep) = seeded().await;
    let db = database.adapter();
    let uid = RetailerUid::parse("RTL-0015000").unwrap();
    assert_by_index(&db.explain_retailers_of_rep(TENANT, rep).await.unwrap());
    for scope in [Scope::Rep(rep), Scope::All] {
        assert_by_index(&db.explain_retailer_find(TENANT, &scope, &uid).await.unwrap());
        for (field, key) in [
            (RetailerSortField::Name, RetailerKey::Name { name: "Ma Store".into(), uid: uid.clone() }),
            (RetailerSortField::Uid, RetailerKey::Uid(uid.clone())),
        ] {
            for descending in [false, true] {
                let query =
                    RetailerQuery { sort: RetailerSort { field, descending }, ..RetailerQuery::default() };
                for after in [None, Some(key.clone())] {
                    let page = PageRequest { after, ..PageRequest::default() };
                    let plan = db.explain_retailer_list(TENANT, &scope, &query, &page).await.unwrap();
                    assert_by_index(&plan);
                    if scope == Scope::All || field == RetailerSortField::Name {
                        assert_not_sorted(&plan);
                    }
                    if page.after.is_some() && (scope == Scope::All || field == RetailerSortField::Name) {
                        let range = if descending { "<" } else { ">" };
                        let bound = match field {
                            RetailerSortField::Name => format!("(ROW(name, uid) {range} ROW("),
                            _ => format!("(uid {range} "),
                        };
                        let in_index = plan.lines().any(|line| {
                            line.contains("Index Cond: ((tenant_id = '1'::bigint)") && line.contains(&bound)
                        });
                        assert!(in_index, "the page is not read from the index:\n{plan}");
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_areas_and_teams_read_the_first_names_of_each() {
    let (database, rep) = seeded().await;
    let db = database.adapter();
    let reps: Vec<UserId> = (0..20).map(|number| UserId::new(rep.get() + number)).collect();
    let areas = Scope::Areas((1..=4).map(AreaId::new).collect());
    for (scope, index) in
        [(areas, "retailers_area_name_idx"), (Scope::Reps(reps.into()), "sales_rep_retailers_name_idx")]
    {
        for (descending, range) in [(false, ">"), (true, "<")] {
            let sort = RetailerSort { field: RetailerSortField::Name, descending };
            let query = RetailerQuery { sort, ..RetailerQuery::default() };
            let plan =
                db.explain_retailer_list(TENANT, &scope, &query, &PageRequest::default()).await.unwrap();
            assert_by_index(&plan);
            let by_name = plan.lines().skip_while(|line| !line.contains(index)).nth(1).unwrap();
            assert!(by_name.contains(&format!("(ROW(name, uid) {range} ROW(")), "{plan}");
            assert!(plan.contains("retailers_tenant_id_uid_key"), "{plan}");
        }
        // Any other list of the scope finds its retailers first, or reads an index, but does not compare each retailer of the
        // tenant with the scope.
        for query in [
            RetailerQuery { sort: by(RetailerSortField::Points), ..RetailerQuery::default() },
            RetailerQuery { filter: searching("01711-2345"), ..RetailerQuery::default() },
            RetailerQuery { filter: searching("store"), ..RetailerQuery::default() },
        ] {
            let plan =
                db.explain_retailer_list(TENANT, &scope, &query, &PageRequest::default()).await.unwrap();
            assert_by_index(&plan);
            assert!(!plan.contains("SubPlan"), "{plan}");
        }
        let uid = RetailerUid::parse("RTL-0015000").unwrap();
        let plan = db.explain_retailer_find(TENANT, &scope, &uid).await.unwrap();
        assert_by_index(&plan);
        assert!(plan.contains("retailers_tenant_id_uid_key") && !plan.contains("SubPlan"), "{plan}");
    }
}

const fn by(field: RetailerSortField) -> RetailerSort {
    RetailerSort { field, descending: false }
}

fn searching(text: &str) -> RetailerFilter {
    RetailerFilter { search: SearchText::parse(text).ok(), ..RetailerFilter::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_filters_use_indexes() {
    let (database, rep) = seeded().await;
    let (db, map) = (database.adapter(), SalesMapReader::read(&database.adapter(), TENANT).await.unwrap());
    let territory = map.territories.called("Savar").to_vec();
    assert!(!territory.is_empty());
    let search = |text: &str| Some(SearchText::parse(text).unwrap());
    let none = RetailerFilter::default();
    let filters = [
        RetailerFilter { search: search("qqqzzz"), ..none.clone() },
        RetailerFilter { search: search("ahim"), ..none.clone() },
        RetailerFilter { search: search("store"), ..none.clone() },
        RetailerFilter { search: search("স্টোর"), ..none.clone() },
        RetailerFilter { search: search("01711-2345"), ..none.clone() },
        RetailerFilter { search: search("nur"), matching: SearchMatch::WordsOnly, ..none.clone() },
        RetailerFilter { search: search("store nur"), matching: SearchMatch::TextOrWords, ..none.clone() },
        RetailerFilter { territories: Some(territory.clone()), ..none.clone() },
        RetailerFilter { territories: Some(territory.clone()), search: search("m"), ..none.clone() },
        RetailerFilter { areas: Some(vec![AreaId::new(1)]), ..none.clone() },
        RetailerFilter { regions: Some(vec![RegionId::new(1)]), search: search("store"), ..none.clone() },
        RetailerFilter { distributors: Some(vec![DistributorId::new(1)]), ..none },
    ];
    for filter in filters {
        for field in [RetailerSortField::Name, RetailerSortField::Uid] {
            let sort = RetailerSort { field, descending: false };
            let query = RetailerQuery { filter: filter.clone(), sort, ..RetailerQuery::default() };
            for scope in [Scope::Rep(rep), Scope::All] {
                let plan =
                    db.explain_retailer_list(TENANT, &scope, &query, &PageRequest::default()).await.unwrap();
                assert_by_index(&plan);
            }
        }
        if filter.territories.is_some() {
            for field in [RetailerSortField::Points, RetailerSortField::UpdatedAt] {
                let sort = RetailerSort { field, descending: true };
                let query = RetailerQuery { filter: filter.clone(), sort, ..RetailerQuery::default() };
                let page = PageRequest::default();
                assert_by_index(&db.explain_retailer_list(TENANT, &Scope::All, &query, &page).await.unwrap());
            }
        }
    }
    let bangla = RetailerFilter { search: search("স্টোর"), ..RetailerFilter::default() };
    let query = RetailerQuery { filter: bangla, ..RetailerQuery::default() };
    let plan = db.explain_retailer_list(TENANT, &Scope::All, &query, &PageRequest::default()).await.unwrap();
    assert!(plan.contains("retailers_bangla_name_idx"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_by_word_use_prefix_and_retailer_indexes() {
    let (database, _) = seeded().await;
    let owner = database.owner().await;
    owner
        .batch_execute(
            "ANALYZE retailer_words, retailer_vocabulary, retailer_pairs, \
             retailer_pair_vocabulary",
        )
        .await
        .unwrap();
    let db = database.adapter();
    for (text, matching) in [
        ("store", SearchMatch::Text),
        ("rahim store", SearchMatch::Text),
        ("him general st", SearchMatch::Text),
        ("nur", SearchMatch::WordsOnly),
        ("স্টোর", SearchMatch::WordsOnly),
        ("store nur", SearchMatch::WordsOnly),
    ] {
        let filter =
            RetailerFilter { search: SearchText::parse(text).ok(), matching, ..RetailerFilter::default() };
        let query = RetailerQuery { filter, ..RetailerQuery::default() };
        let plan = db.explain_retailers_by_word(TENANT, &query).await.unwrap();
        assert_by_index(&plan);
        assert!(!plan.contains("Seq Scan on retailer_words"), "{plan}");
        assert!(!plan.contains("Seq Scan on retailer_pairs"), "{plan}");
        assert!(
            !plan.contains("retailers_area_search_idx"),
            "each prefix would read all retailers with the word:\n{plan}"
        );
        assert!(plan.contains("retailers_name_idx"), "{plan}");
        let whole =
            db.explain_retailer_list(TENANT, &Scope::All, &query, &PageRequest::default()).await.unwrap();
        assert_by_index(&whole);
        let filter = RetailerFilter { areas: Some(vec![AreaId::new(1)]), ..query.filter };
        let query = RetailerQuery { filter, ..RetailerQuery::default() };
        let plan = db.explain_retailers_by_word(TENANT, &query).await.unwrap();
        assert!(plan.contains("retailers_area_name_idx"), "{plan}");
        assert!(!plan.contains("retailers_name_idx"), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_reps_named_in_a_file_are_found_by_index() {
    let (database, _) = seeded().await;
    let owner = database.owner().await;
    // As many sales reps as of a large company: a plan for few may scan them.
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role) \
                 SELECT 1, 'many' || n, 'Many', 'x', 'sales_rep' FROM generate_series(1, 20000) AS n; \
             INSERT INTO sales_reps (tenant_id, id, employee_code, employee_code_key) \
                 SELECT 1, id, 'E' || id, 'e' || id FROM users WHERE username LIKE 'many%'; \
             INSERT INTO assignment_rows (tenant_id, batch_id, row_no, rep, uid) \
                 SELECT 1, 1, n, 'any:e' || n, 'RTL-' || n FROM generate_series(1, 5000) AS n; \
             ANALYZE users, sales_reps, assignment_rows",
        )
        .await
        .unwrap();
    let db = database.adapter();
    let plan = db.explain_named_reps(TENANT, BatchId::new(1)).await.unwrap();
    for index in ["sales_reps_employee_code_key_key", "sales_reps_code_without_key_idx"] {
        assert!(plan.contains(index), "{index}:\n{plan}");
    }
    for table in ["users", "sales_reps"] {
        assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_without_indexes_are_detected() {
    let (database, _) = seeded().await;
    let db = database.adapter();
    let explain = async |filter: RetailerFilter| {
        let query = RetailerQuery { filter, ..RetailerQuery::default() };
        db.explain_retailer_list(TENANT, &Scope::All, &query, &PageRequest::default()).await.unwrap()
    };
    let fails = |check: fn(&str), plan: &str| std::panic::catch_unwind(|| check(plan)).is_err();
    let owner = database.owner().await;
    owner.batch_execute("DROP INDEX retailers_name_idx").await.unwrap();
    let plan = explain(RetailerFilter::default()).await;
    assert!(fails(assert_not_sorted, &plan), "the missing index is detected:\n{plan}");
    owner.batch_execute("DROP INDEX retailers_area_search_idx").await.unwrap();
    let search = Some(SearchText::parse("qqqzzz").unwrap());
    let plan = explain(RetailerFilter { search, ..RetailerFilter::default() }).await;
    assert!(fails(assert_by_index, &plan), "the missing index is detected:\n{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assignment_periods_of_a_sales_rep_are_read_by_index() {
    let (database, rep) = seeded().await;
    let (db, owner) = (database.adapter(), database.owner().await);
    owner
        .batch_execute(
            "INSERT INTO assignment_history (tenant_id, sales_rep_id, retailer_id, valid)
             SELECT tenant_id, sales_rep_id, retailer_id, tstzrange('2020-01-01', '2020-02-01') FROM sales_rep_retailers;
             ANALYZE assignment_history",
        )
        .await
        .unwrap();
    let at = |text: &str| Some(text.parse().unwrap());
    let interval = Interval { from: at("2020-01-15T00:00:00Z"), to: at("2020-03-01T00:00:00Z") };
    for (interval, after) in [
        (Interval::default(), None),
        (interval, Some((at("2020-01-01T00:00:00Z").unwrap(), RetailerId::new(7)))),
    ] {
        let page = PageRequest { after, ..PageRequest::default() };
        let plan = db.explain_rep_spans(TENANT, &Targets::everything(), rep, interval, &page).await.unwrap();
        assert_by_index(&plan);
        assert!(!plan.contains("Seq Scan on assignment_history"), "{plan}");
    }
}
