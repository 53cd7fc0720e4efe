use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::shared::{
    AreaId, Limit, NameKey, Page, PageRequest, RegionId, StorageFailure, Targets, TeamId, TenantId, UserId,
};
use haat_domain::team::{Member, RosterReader, Team, TeamQuery, TeamReader, TeamState};

use haat_domain::territory::NamedRef;

use super::rows::{MemberRow, TeamColumns, TeamRow, member};
use crate::schema::team_members;
use crate::shared::{Explain, search_texts, statement, surplus};
use crate::{OrgDatabase, OrgTx};

statement! {
    /// Lists a page of teams.
    PageOfTeams = "teams.sql" -> TeamColumns {
        tenant: i64 as BigInt,
        all: bool as Bool,
        regions: Vec<i64> as Array<BigInt>,
        areas: Vec<i64> as Array<BigInt>,
        teams: Vec<i64> as Array<BigInt>,
        own: Option<i64> as Nullable<BigInt>,
        id: Option<i64> as Nullable<BigInt>,
        text: String as Text,
        other_text: String as Text,
        region: Option<i64> as Nullable<BigInt>,
        area: Option<i64> as Nullable<BigInt>,
        leader: Option<i64> as Nullable<BigInt>,
        states: Vec<&'static str> as Array<Text>,
        leaderless: Option<bool> as Nullable<Bool>,
        after_name: String as Text,
        after_id: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Lists a page of the members of a team.
    PageOfMembers = "members.sql" -> (BigInt, Text, Text, Text, Text, Timestamptz) {
        tenant: i64 as BigInt,
        team: i64 as BigInt,
        after_name: String as Text,
        after_id: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

impl PageOfTeams {
    fn new(
        tenant: TenantId,
        targets: &Targets,
        query: &TeamQuery,
        page: &PageRequest<NameKey<TeamId>>,
    ) -> Self {
        let (text, other_text) = search_texts(query.search.as_ref());
        let (after_name, after_id) = after(page);
        Self {
            tenant: tenant.get(),
            all: targets.all,
            regions: targets.regions.iter().map(|id| id.get()).collect(),
            areas: targets.areas.iter().map(|id| id.get()).collect(),
            teams: targets.teams.iter().map(|id| id.get()).collect(),
            own: targets.own.map(UserId::get),
            id: None,
            text,
            other_text,
            region: query.region.map(RegionId::get),
            area: query.area.map(AreaId::get),
            leader: query.leader.map(UserId::get),
            states: query.state.map_or_else(|| TeamState::WORDS.to_vec(), |state| vec![state.as_str()]),
            leaderless: query.leaderless,
            after_name,
            after_id,
            limit: surplus(page),
        }
    }

    /// Selects those of these teams that are active and that no active user leads.
    fn leaderless(tenant: TenantId, ids: &[TeamId]) -> Self {
        let targets = Targets { teams: ids.to_vec(), ..Targets::default() };
        let query =
            TeamQuery { leaderless: Some(true), state: Some(TeamState::Active), ..TeamQuery::default() };
        let page = PageRequest::first(Limit::ONE);
        let limit = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        Self { limit, ..Self::new(tenant, &targets, &query, &page) }
    }

    /// Selects one team.
    pub(super) fn one(tenant: TenantId, targets: &Targets, id: TeamId) -> Self {
        let page = PageRequest::first(Limit::ONE);
        Self { id: Some(id.get()), ..Self::new(tenant, targets, &TeamQuery::default(), &page) }
    }
}

/// Returns the name and the id after which a page starts. No name is empty, so every row follows the empty one.
fn after<Id: Copy + Into<i64>>(page: &PageRequest<NameKey<Id>>) -> (String, i64) {
    page.after.as_ref().map_or((String::new(), 0), |key| (key.name.clone(), key.id.into()))
}

impl OrgDatabase {
    /// Explains the plan of a page of teams, for tests.
    pub async fn explain_team_list(
        &self,
        tenant: TenantId,
        targets: &Targets,
        query: &TeamQuery,
        page: &PageRequest<NameKey<TeamId>>,
    ) -> Result<String, StorageFailure> {
        let statement = Explain::new(PageOfTeams::new(tenant, targets, query, page));
        let plan: Vec<String> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(plan.join("\n"))
    }
}

impl OrgTx {
    /// Returns those of these teams that are active and that no active user leads, by name.
    pub(crate) async fn leaderless_teams(
        &mut self,
        tenant: TenantId,
        ids: &[TeamId],
    ) -> Result<Vec<NamedRef>, StorageFailure> {
        let statement = PageOfTeams::leaderless(tenant, ids);
        let rows: Vec<TeamRow> = self.query(async |connection| statement.load(connection).await).await?;
        let named = |row: TeamRow| {
            let team = Team::try_from(row)?;
            Ok(NamedRef { id: team.id.get(), name: team.name.as_str().into() })
        };
        rows.into_iter().map(named).collect()
    }
}

#[async_trait]
impl TeamReader for OrgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        targets: &Targets,
        id: TeamId,
    ) -> Result<Option<Team>, StorageFailure> {
        let statement = PageOfTeams::one(tenant, targets, id);
        let row: Option<TeamRow> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(Team::try_from).transpose()
    }

    async fn list(
        &self,
        tenant: TenantId,
        targets: &Targets,
        query: &TeamQuery,
        page: &PageRequest<NameKey<TeamId>>,
    ) -> Result<Page<Team, NameKey<TeamId>>, StorageFailure> {
        let statement = PageOfTeams::new(tenant, targets, query, page);
        let rows: Vec<TeamRow> = self.query(async |connection| statement.load(connection).await).await?;
        let teams: Vec<Team> = rows.into_iter().map(Team::try_from).collect::<Result<_, _>>()?;
        let key = |team: &Team| NameKey { name: team.name.as_str().to_owned(), id: team.id };
        Ok(Page::from_surplus(teams, page.limit, key))
    }

    async fn members(
        &self,
        tenant: TenantId,
        team: TeamId,
        page: &PageRequest<NameKey<UserId>>,
    ) -> Result<Page<Member, NameKey<UserId>>, StorageFailure> {
        let (after_name, after_id) = after(page);
        let statement = PageOfMembers {
            tenant: tenant.get(),
            team: team.get(),
            after_name,
            after_id,
            limit: surplus(page),
        };
        let rows: Vec<MemberRow> = self.query(async |connection| statement.load(connection).await).await?;
        let members: Vec<Member> = rows.into_iter().map(member).collect::<Result<_, _>>()?;
        let key =
            |member: &Member| NameKey { name: member.user.name.as_str().to_owned(), id: member.user.id };
        Ok(Page::from_surplus(members, page.limit, key))
    }
}

#[async_trait]
impl RosterReader for OrgDatabase {
    async fn members_of(&self, tenant: TenantId, teams: &[TeamId]) -> Result<Vec<UserId>, StorageFailure> {
        let teams: Vec<i64> = teams.iter().map(|team| team.get()).collect();
        let members = team_members::table
            .filter(team_members::tenant_id.eq(tenant.get()).and(team_members::team_id.eq_any(teams)))
            .select(team_members::user_id);
        let rows: Vec<i64> = self.query(async |connection| members.load(connection).await).await?;
        Ok(rows.into_iter().map(UserId::new).collect())
    }
}
