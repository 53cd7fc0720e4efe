use std::sync::Arc;

use haat_domain::people::PersonReader;
use haat_domain::retailer::{Retailer, RetailerReader, RetailerUid};
use haat_domain::shared::{Role, Scope, UserId};
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::list_retailers::{check_order, check_pool, query_of, read_page};
use super::{ListRetailersError, ListRetailersInput, ListedRetailers, RetailerView, covers, map_for};
use crate::shared::{Actor, Allowed, ReadError, ReadRetailers, ReadUsers, Scopes};

/// A retailer, and a map with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRetailer {
    /// The retailer.
    pub retailer: Retailer,
    /// The map with its places.
    pub map: Arc<SalesMap>,
}

impl FoundRetailer {
    /// Returns `true` if the map names all places of the retailer.
    pub(super) fn has_complete_map(&self) -> bool {
        covers(&self.map, &self.retailer)
    }
}

/// Reads retailers in the caller's scope: for sales reps their own, for administrators the whole pool.
pub struct Retailers {
    reader: Arc<dyn RetailerReader>,
    maps: Arc<dyn SalesMapReader>,
    people: Arc<dyn PersonReader>,
    scopes: Scopes,
}

impl Retailers {
    /// Builds the use cases.
    #[must_use]
    pub fn new(
        reader: Arc<dyn RetailerReader>,
        maps: Arc<dyn SalesMapReader>,
        people: Arc<dyn PersonReader>,
        scopes: Scopes,
    ) -> Self {
        Self { reader, maps, people, scopes }
    }

    /// Returns a page of the retailers in the caller's scope.
    ///
    /// # Errors
    /// [`ListRetailersError`].
    pub async fn list(
        &self,
        allowed: &Allowed<ReadRetailers>,
        input: &ListRetailersInput,
    ) -> Result<ListedRetailers, ListRetailersError> {
        RetailerView::of(allowed).check(input)?;
        let scope = self.scopes.retailers(allowed).await?;
        self.within(allowed, &scope, None, input).await
    }

    /// Returns a page of those retailers of a sales rep that the caller may see. The sales rep must be in the caller's scope too.
    ///
    /// # Errors
    /// [`ListRetailersError`]; `NoSuchRep` if the caller may not see the user, or the user is not a sales rep.
    pub async fn list_of_rep(
        &self,
        allowed: &Allowed<ReadUsers>,
        rep: UserId,
        input: &ListRetailersInput,
    ) -> Result<ListedRetailers, ListRetailersError> {
        let tenant = allowed.tenant;
        let person = self.people.find(tenant, &allowed.targets(), Some(Role::SalesRep), rep).await?;
        let readable = Allowed::<ReadRetailers>::check((**allowed).clone());
        let (Some(_), Ok(readable)) = (person, readable) else { return Err(ListRetailersError::NoSuchRep) };
        let (scope, filter) = match self.scopes.retailers(&readable).await? {
            Scope::All => (Scope::Rep(rep), None),
            Scope::Reps(reps) if reps.binary_search(&rep).is_ok() => (Scope::Rep(rep), None),
            scope => (scope, Some(rep)),
        };
        self.within(&readable, &scope, filter, input).await
    }

    /// Returns a page of the retailers of a scope, optionally only of those that a sales rep serves.
    async fn within(
        &self,
        caller: &Actor,
        scope: &Scope,
        rep: Option<UserId>,
        input: &ListRetailersInput,
    ) -> Result<ListedRetailers, ListRetailersError> {
        check_order(input)?;
        let tenant = caller.tenant;
        let mut query = query_of(&*self.maps, tenant, input).await?;
        query.filter.rep = rep;
        query.filter.without_phone = RetailerView::of(caller).hides_phones();
        check_pool(scope, &query)?;
        Ok(read_page(&*self.reader, &*self.maps, (tenant, scope), &query, input).await?)
    }

    /// Returns a retailer. One outside the caller's scope does not exist either, so that uids cannot be probed.
    pub async fn get(
        &self,
        allowed: &Allowed<ReadRetailers>,
        uid: &RetailerUid,
    ) -> Result<FoundRetailer, ReadError> {
        let scope = self.scopes.retailers(allowed).await?;
        let found = self.reader.find(allowed.tenant, &scope, uid).await?;
        let retailer = found.ok_or(ReadError::NotFound)?;
        let map = map_for(&*self.maps, allowed.tenant, std::slice::from_ref(&retailer)).await?;
        Ok(FoundRetailer { retailer, map })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{Grant, GrantTarget, Grants};
    use haat_domain::people::MockPersonReader;
    use haat_domain::retailer::{
        MockRetailerReader, RetailerFilter, RetailerKey, RetailerQuery, RetailerSort, RetailerSortField,
        SearchPosition,
    };
    use haat_domain::shared::{AreaId, Page, PageRequest, RegionId, SearchText, StorageFailure, TenantId};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::shared::PlaceSelector;
    use crate::testing::{actor, admin, allowed, rep, retailer, sales_map, scopes};

    fn maps() -> Arc<MockSalesMapReader> {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        Arc::new(maps)
    }

    fn retailers(reader: MockRetailerReader) -> Retailers {
        Retailers::new(Arc::new(reader), maps(), Arc::new(MockPersonReader::new()), scopes(maps()))
    }

    fn by(actor: Actor) -> Allowed<ReadRetailers> {
        Allowed::check(actor).unwrap()
    }

    #[tokio::test]
    async fn sales_reps_list_their_own_retailers_and_admins_the_pool() {
        for (actor, scope) in [(actor(), Scope::Rep(actor().user)), (admin(), Scope::All)] {
            let mut reader = MockRetailerReader::new();
            reader
                .expect_list()
                .withf(move |tenant, requested, query, _| {
                    *tenant == TenantId::new(1) && *requested == scope && *query == RetailerQuery::default()
                })
                .times(1)
                .returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
            let allowed = by(actor);
            let page = retailers(reader).list(&allowed, &ListRetailersInput::default()).await.unwrap();
            assert_eq!((page.rows, page.next, page.total), (vec![retailer(1)], None, None));
            assert_eq!(*page.map, sales_map());
        }
    }

    #[tokio::test]
    async fn resolves_names_to_ids_and_unknown_names_to_nothing() {
        let mut reader = MockRetailerReader::new();
        let expected = RetailerFilter {
            regions: Some(vec![RegionId::new(1)]),
            areas: Some(vec![AreaId::new(77)]),
            territories: Some(vec![]),
            ..RetailerFilter::default()
        };
        let counted = expected.clone();
        reader
            .expect_list()
            .withf(move |_, _, query, _| query.filter == expected)
            .times(1)
            .returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
        reader
            .expect_count()
            .withf(move |_, _, filter| *filter == counted)
            .times(1)
            .returning(|_, _, _| Ok(0));
        let input = ListRetailersInput {
            region: Some(PlaceSelector::Name("Dhaka".into())),
            area: Some(PlaceSelector::Id(77)),
            territory: Some(PlaceSelector::Name("Atlantis".into())),
            count: true,
            ..ListRetailersInput::default()
        };
        let page = retailers(reader).list(&by(actor()), &input).await.unwrap();
        assert_eq!(page.total, Some(0));
    }

    #[tokio::test]
    async fn rereads_the_map_for_a_place_that_the_cached_map_lacks() {
        let mut reader = MockRetailerReader::new();
        reader.expect_list().returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::default()));
        maps.expect_read_uncached().times(1).returning(|_| Ok(Arc::new(sales_map())));
        let maps = Arc::new(maps);
        let scopes = scopes(maps.clone());
        let retailers = Retailers::new(Arc::new(reader), maps, Arc::new(MockPersonReader::new()), scopes);
        let page = retailers.list(&by(actor()), &ListRetailersInput::default()).await.unwrap();
        assert_eq!(*page.map, sales_map());
    }

    #[tokio::test]
    async fn rejects_slow_pool_queries_before_reading() {
        let retailers = retailers(MockRetailerReader::new());
        let default = ListRetailersInput::default;
        let short = ListRetailersInput { search: SearchText::parse("মা").ok(), ..default() };
        let points = RetailerSort { field: RetailerSortField::Points, descending: true };
        let sorted = ListRetailersInput { sort: points, ..default() };
        let paged = ListRetailersInput { skip: 20, ..default() };
        for (input, error) in [
            (short, ListRetailersError::SearchTooShort),
            (sorted, ListRetailersError::SortNeedsTerritory),
            (paged, ListRetailersError::NoNumberedPages),
        ] {
            assert_eq!(retailers.list(&by(admin()), &input).await, Err(error));
        }
    }

    #[tokio::test]
    async fn accepts_those_queries_within_a_territory_or_for_own_retailers() {
        let mut reader = MockRetailerReader::new();
        reader.expect_list().times(2).returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
        let retailers = retailers(reader);
        let input = ListRetailersInput {
            search: SearchText::parse("m").ok(),
            territory: Some(PlaceSelector::Id(1)),
            sort: RetailerSort { field: RetailerSortField::UpdatedAt, descending: true },
            ..ListRetailersInput::default()
        };
        assert!(retailers.list(&by(admin()), &input).await.is_ok());
        let own = ListRetailersInput { territory: None, skip: 20, ..input };
        assert!(retailers.list(&by(actor()), &own).await.is_ok());
    }

    #[tokio::test]
    async fn rejects_a_key_of_another_order_before_reading() {
        let key = RetailerKey::Uid(RetailerUid::parse("RTL-1").unwrap());
        let retailers = retailers(MockRetailerReader::new());
        let after = Some(SearchPosition { by_words: false, key });
        let page = PageRequest { after, ..PageRequest::default() };
        let input = ListRetailersInput { page, ..ListRetailersInput::default() };
        assert_eq!(retailers.list(&by(actor()), &input).await, Err(ListRetailersError::OtherOrder));
    }

    #[tokio::test]
    async fn lists_the_retailers_of_a_visible_sales_rep() {
        for (found, expected) in
            [(Some(rep()), Ok(vec![retailer(1)])), (None, Err(ListRetailersError::NoSuchRep))]
        {
            let mut people = MockPersonReader::new();
            people
                .expect_find()
                .withf(|tenant, targets, role, user| {
                    (tenant.get(), targets.all, *role, user.get()) == (1, true, Some(Role::SalesRep), 5)
                })
                .return_once(move |_, _, _, _| Ok(found));
            let mut reader = MockRetailerReader::new();
            reader
                .expect_list()
                .withf(|tenant, scope, query, _| {
                    let unfiltered = query.filter.rep.is_none();
                    unfiltered && (tenant.get(), scope) == (1, &Scope::Rep(UserId::new(5)))
                })
                .times(usize::from(expected.is_ok()))
                .returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
            let retailers = Retailers::new(Arc::new(reader), maps(), Arc::new(people), scopes(maps()));
            let input = ListRetailersInput::default();
            let page = retailers.list_of_rep(&allowed(), UserId::new(5), &input).await;
            assert_eq!(page.map(|page| page.rows), expected);
        }
    }

    #[tokio::test]
    async fn the_retailers_of_a_sales_rep_are_narrowed_to_the_area_of_the_caller() {
        let area = GrantTarget::Area(AreaId::new(9));
        let grants = Grants::of(Grant::new(Role::AreaManager, Some(area)).into_iter().collect());
        let manager = Allowed::check(Actor { grants, ..actor() }).unwrap();
        let mut people = MockPersonReader::new();
        people.expect_find().return_once(|_, _, _, _| Ok(Some(rep())));
        let mut reader = MockRetailerReader::new();
        reader
            .expect_list()
            .withf(|_, scope, query, _| {
                *scope == Scope::areas(vec![AreaId::new(9)]) && query.filter.rep == Some(UserId::new(5))
            })
            .times(1)
            .returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
        let retailers = Retailers::new(Arc::new(reader), maps(), Arc::new(people), scopes(maps()));
        let page = retailers.list_of_rep(&manager, UserId::new(5), &ListRetailersInput::default()).await;
        assert_eq!(page.map(|page| page.rows), Ok(vec![]));
    }

    #[tokio::test]
    async fn a_retailer_outside_the_scope_is_not_found() {
        for (actor, scope) in [(actor(), Scope::Rep(actor().user)), (admin(), Scope::All)] {
            let mut reader = MockRetailerReader::new();
            reader
                .expect_find()
                .withf(move |tenant, requested, uid| {
                    *tenant == TenantId::new(1) && *requested == scope && uid.as_str() == "RTL-1"
                })
                .times(1)
                .returning(|_, _, _| Ok(None));
            let uid = RetailerUid::parse("RTL-1").unwrap();
            let result = retailers(reader).get(&by(actor), &uid).await;
            assert_eq!(result, Err(ReadError::NotFound));
        }
    }

    #[tokio::test]
    async fn a_storage_failure_is_not_reported_as_not_found() {
        let mut reader = MockRetailerReader::new();
        reader.expect_find().returning(|_, _, _| Err(StorageFailure::Unavailable("down".into())));
        let result = retailers(reader).get(&by(actor()), &RetailerUid::parse("RTL-1").unwrap()).await;
        assert!(matches!(result, Err(ReadError::Storage(_))));
    }
}
