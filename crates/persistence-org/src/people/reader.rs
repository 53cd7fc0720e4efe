use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::people::{Person, PersonKey, PersonQuery, PersonReader, TeamFilter};
use haat_domain::shared::{
    AreaId, Page, PageRequest, RegionId, Role, StorageFailure, Targets, TeamId, TenantId, UserId,
};

use super::rows::{Columns, PersonRow};
use crate::OrgDatabase;
use crate::shared::{Explain, search_texts, statement, surplus};

/// The users that a caller sees, and those in the teams of a filter.
const VISIBLE_USERS: &str = include_str!("visible_users.sql");

/// Declares a statement whose first parameters are those of [`VISIBLE_USERS`], or builds one from a [`Visible`] and its other
/// parameters.
macro_rules! visible {
    ($(#[$meta:meta])* $name:ident = $file:literal -> $row:ty { $($field:ident: $kind:ty as $sql:ty),* $(,)? }) => {
        statement! {
            $(#[$meta])*
            $name = VISIBLE_USERS + $file -> $row {
                tenant: i64 as BigInt,
                all: bool as Bool,
                regions: Vec<i64> as Array<BigInt>,
                areas: Vec<i64> as Array<BigInt>,
                teams: Vec<i64> as Array<BigInt>,
                distributors: Vec<i64> as Array<BigInt>,
                own: Option<i64> as Nullable<BigInt>,
                team: Option<i64> as Nullable<BigInt>,
                region: Option<i64> as Nullable<BigInt>,
                area: Option<i64> as Nullable<BigInt>,
                $($field: $kind as $sql,)*
            }
        }
    };
    ($visible:expr => $name:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        let Visible { tenant, all, regions, areas, teams, distributors, own, team, region, area } = $visible;
        $name { tenant, all, regions, areas, teams, distributors, own, team, region, area, $($field $(: $value)?),* }
    }};
}

/// The tenant and the parameters of [`VISIBLE_USERS`].
struct Visible {
    tenant: i64,
    all: bool,
    regions: Vec<i64>,
    areas: Vec<i64>,
    teams: Vec<i64>,
    distributors: Vec<i64>,
    own: Option<i64>,
    team: Option<i64>,
    region: Option<i64>,
    area: Option<i64>,
}

impl Visible {
    fn new(tenant: TenantId, targets: &Targets, filter: &TeamFilter) -> Self {
        Self {
            tenant: tenant.get(),
            all: targets.all,
            regions: targets.regions.iter().map(|id| id.get()).collect(),
            areas: targets.areas.iter().map(|id| id.get()).collect(),
            teams: targets.teams.iter().map(|id| id.get()).collect(),
            distributors: targets.distributors.iter().map(|id| id.get()).collect(),
            own: targets.own.map(UserId::get),
            team: filter.team.map(TeamId::get),
            region: filter.region.map(RegionId::get),
            area: filter.area.map(AreaId::get),
        }
    }
}

visible! {
    /// Reads one user.
    OnePerson = "person.sql" -> Columns {
        role: Option<&'static str> as Nullable<Text>,
        id: i64 as BigInt,
    }
}

visible! {
    /// Lists the ids of the users that a caller sees.
    VisibleIds = "visible_ids.sql" -> BigInt {
    }
}

visible! {
    /// Lists a page of users.
    PageOfPeople = "page.sql" -> Columns {
        role: Option<&'static str> as Nullable<Text>,
        states: Vec<&'static str> as Array<Text>,
        text: String as Text,
        other_text: String as Text,
        after_name: String as Text,
        after_id: i64 as BigInt,
        limit: i64 as BigInt,
        support: bool as Bool,
    }
}

visible! {
    /// Lists a page of sales reps whose order or filter depends on their assigned counts, or whose order is reversed.
    PageByCount = "page_by_count.sql" -> Columns {
        states: Vec<&'static str> as Array<Text>,
        text: String as Text,
        other_text: String as Text,
        by_assigned_count: bool as Bool,
        descending: bool as Bool,
        fewest: Option<i64> as Nullable<BigInt>,
        most: Option<i64> as Nullable<BigInt>,
        after_count: i64 as BigInt,
        after_name: String as Text,
        after_id: Option<i64> as Nullable<BigInt>,
        limit: i64 as BigInt,
    }
}

impl OnePerson {
    pub(super) fn new(tenant: TenantId, targets: &Targets, role: Option<Role>, id: UserId) -> Self {
        visible!(Visible::new(tenant, targets, &TeamFilter::default()) => OnePerson {
            role: role.map(Role::as_str),
            id: id.get(),
        })
    }
}

/// Returns the states to select.
fn states(query: &PersonQuery) -> Vec<&'static str> {
    match query.active {
        None => vec!["active", "disabled"],
        Some(true) => vec!["active"],
        Some(false) => vec!["disabled"],
    }
}

impl PageOfPeople {
    fn new(tenant: TenantId, targets: &Targets, query: &PersonQuery, page: &PageRequest<PersonKey>) -> Self {
        let (text, other_text) = search_texts(query.search.as_ref());
        let after = page.after.as_ref().map(|key| &key.name);
        visible!(Visible::new(tenant, targets, &query.team) => PageOfPeople {
            role: query.role.map(Role::as_str),
            states: states(query),
            text,
            other_text,
            // No name is empty, so every row follows this key.
            after_name: after.map(|key| key.name.clone()).unwrap_or_default(),
            after_id: after.map_or(0, |key| key.id.get()),
            limit: surplus(page),
            support: query.support,
        })
    }
}

impl PageByCount {
    fn new(tenant: TenantId, targets: &Targets, query: &PersonQuery, page: &PageRequest<PersonKey>) -> Self {
        let (text, other_text) = search_texts(query.search.as_ref());
        let after = page.after.as_ref();
        visible!(Visible::new(tenant, targets, &query.team) => PageByCount {
            states: states(query),
            text,
            other_text,
            by_assigned_count: query.order.by_assigned_count,
            descending: query.order.descending,
            fewest: query.assigned.0.map(Into::into),
            most: query.assigned.1.map(Into::into),
            after_count: after.map_or(0, |key| key.assigned_count),
            after_name: after.map(|key| key.name.name.clone()).unwrap_or_default(),
            after_id: after.map(|key| key.name.id.get()),
            limit: surplus(page),
        })
    }
}

/// Returns true for a list in the order of the index.
fn is_indexed(query: &PersonQuery) -> bool {
    !query.counts() && !query.order.descending
}

impl OrgDatabase {
    /// Explains the plan of a page of users, for tests.
    pub async fn explain_people_list(
        &self,
        tenant: TenantId,
        targets: &Targets,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<String, StorageFailure> {
        let plan: Vec<String> = if is_indexed(query) {
            let statement = Explain::new(PageOfPeople::new(tenant, targets, query, page));
            self.query(async |connection| statement.load(connection).await).await?
        } else {
            let statement = Explain::new(PageByCount::new(tenant, targets, query, page));
            self.query(async |connection| statement.load(connection).await).await?
        };
        Ok(plan.join("\n"))
    }
}

#[async_trait]
impl PersonReader for OrgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        targets: &Targets,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Option<Person>, StorageFailure> {
        let statement = OnePerson::new(tenant, targets, role, id);
        let row: Option<PersonRow> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(|row| row.of(tenant)).transpose()
    }

    async fn covered(&self, tenant: TenantId, targets: &Targets) -> Result<Vec<UserId>, StorageFailure> {
        let statement = visible!(Visible::new(tenant, targets, &TeamFilter::default()) => VisibleIds {});
        let ids: Vec<i64> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(ids.into_iter().map(UserId::new).collect())
    }

    async fn list(
        &self,
        tenant: TenantId,
        targets: &Targets,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, StorageFailure> {
        let rows: Vec<PersonRow> = if is_indexed(query) {
            let statement = PageOfPeople::new(tenant, targets, query, page);
            self.query(async |connection| statement.load(connection).await).await?
        } else {
            let statement = PageByCount::new(tenant, targets, query, page);
            self.query(async |connection| statement.load(connection).await).await?
        };
        let people: Vec<Person> = rows.into_iter().map(|row| row.of(tenant)).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(people, page.limit, |person| PersonKey::of(person, query.order)))
    }
}
