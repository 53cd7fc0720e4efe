use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::people::GrantWriter;
use haat_domain::shared::{AreaId, RegionId, Role, StorageFailure, Targets, TeamId, TenantId, UserId, fold};
use haat_domain::team::{NewTeam, Team, TeamCandidate, TeamState, TeamTx, TeamWriter};
use haat_domain::territory::{NamedRef, PlaceKind, PlaceWriter};

use super::reader::PageOfTeams;
use super::rows::{CandidateRow, TeamRow, candidate};
use crate::schema::{team_members, teams};
use crate::shared::{statement, taken, view};
use crate::{OrgDatabase, OrgTx};

statement! {
    /// Prevents changes of the sales map.
    HoldMap = "hold_map.sql" -> Bool {
        tenant: i64 as BigInt,
    }
}

statement! {
    /// Finds users who can be members of teams.
    Candidates = "candidates.sql"
        -> (BigInt, Text, Nullable<BigInt>, Nullable<Text>, Nullable<BigInt>, Nullable<BigInt>) {
        tenant: i64 as BigInt,
        users: Vec<i64> as Array<BigInt>,
        not_staff: Vec<&'static str> as Array<Text>,
    }
}

statement! {
    /// Places users in a team.
    Place = "place.sql" -> BigInt {
        tenant: i64 as BigInt,
        users: Vec<i64> as Array<BigInt>,
        team: Option<i64> as Nullable<BigInt>,
        by: i64 as BigInt,
        at: DateTime<Utc> as Timestamptz,
    }
}

view!(OrgDatabase, OrgTx as TeamTx { teams: TeamWriter, grants: GrantWriter });

/// The unique index of the names of active teams.
const NAME_KEY: &str = "teams_name_key_key";

#[async_trait]
impl TeamWriter for OrgTx {
    async fn hold_map(&mut self, tenant: TenantId) -> Result<(), StorageFailure> {
        let statement = HoldMap { tenant: tenant.get() };
        let _: bool = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn home(
        &mut self,
        tenant: TenantId,
        area: AreaId,
    ) -> Result<Option<(NamedRef, RegionId)>, StorageFailure> {
        // The area as the parent of a territory.
        let found = PlaceWriter::ancestors(&mut **self, tenant, PlaceKind::Territory, area.get()).await?;
        Ok(found.and_then(|found| Some((found.area?, RegionId::new(found.region?.id)))))
    }

    async fn insert(&mut self, tenant: TenantId, team: &NewTeam) -> Result<Option<TeamId>, StorageFailure> {
        let insert = diesel::insert_into(teams::table)
            .values((
                teams::tenant_id.eq(tenant.get()),
                teams::name.eq(team.name.as_str()),
                teams::name_key.eq(fold(team.name.as_str())),
                teams::area_id.eq(team.area.map(AreaId::get)),
                teams::created_at.eq(team.created_at),
                teams::updated_at.eq(team.created_at),
            ))
            .on_conflict_do_nothing()
            .returning(teams::id);
        let id: Option<i64> =
            self.query(async |connection| insert.get_result(connection).await.optional()).await?;
        Ok(id.map(TeamId::new))
    }

    async fn lock(&mut self, tenant: TenantId, ids: &[TeamId]) -> Result<(), StorageFailure> {
        let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        let lock = teams::table
            .filter(teams::tenant_id.eq(tenant.get()).and(teams::id.eq_any(ids)))
            .select(teams::id)
            .order(teams::id)
            .for_no_key_update();
        let _: Vec<i64> = self.query(async |connection| lock.load(connection).await).await?;
        Ok(())
    }

    async fn current(&mut self, tenant: TenantId, id: TeamId) -> Result<Option<Team>, StorageFailure> {
        let statement = PageOfTeams::one(tenant, &Targets::everything(), id);
        let row: Option<TeamRow> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(Team::try_from).transpose()
    }

    async fn update(
        &mut self,
        tenant: TenantId,
        team: &Team,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageFailure> {
        let update = diesel::update(teams::table.find((tenant.get(), team.id.get()))).set((
            teams::name.eq(team.name.as_str()),
            teams::name_key.eq(fold(team.name.as_str())),
            teams::area_id.eq(team.area.as_ref().map(|area| area.id)),
            teams::version.eq(team.version + 1),
            teams::updated_at.eq(at),
        ));
        let updated =
            self.query(async |connection| taken(update.execute(connection).await, &[(NAME_KEY, ())])).await?;
        Ok(updated.is_ok())
    }

    async fn close(&mut self, tenant: TenantId, id: TeamId, at: DateTime<Utc>) -> Result<(), StorageFailure> {
        let update = diesel::update(teams::table.find((tenant.get(), id.get()))).set((
            teams::state.eq(TeamState::Closed.as_str()),
            teams::version.eq(teams::version + 1),
            teams::updated_at.eq(at),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn candidates(
        &mut self,
        tenant: TenantId,
        users: &[UserId],
    ) -> Result<Vec<TeamCandidate>, StorageFailure> {
        let outside = Role::ALL.into_iter().filter(|role| !role.kind().is_staff());
        let statement = Candidates {
            tenant: tenant.get(),
            users: users.iter().map(|user| user.get()).collect(),
            not_staff: outside.map(Role::as_str).collect(),
        };
        let rows: Vec<CandidateRow> = self.query(async |connection| statement.load(connection).await).await?;
        rows.into_iter().map(candidate).collect()
    }

    async fn lock_members(&mut self, tenant: TenantId, users: &[UserId]) -> Result<(), StorageFailure> {
        self.lock_rows_of_users(tenant, users).await?;
        let users: Vec<i64> = users.iter().map(|user| user.get()).collect();
        let lock = team_members::table
            .filter(team_members::tenant_id.eq(tenant.get()).and(team_members::user_id.eq_any(users)))
            .select(team_members::user_id)
            .order(team_members::user_id)
            .for_update();
        let _: Vec<i64> = self.query(async |connection| lock.load(connection).await).await?;
        Ok(())
    }

    async fn place(
        &mut self,
        tenant: TenantId,
        users: &[UserId],
        team: Option<TeamId>,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let statement = Place {
            tenant: tenant.get(),
            users: users.iter().map(|user| user.get()).collect(),
            team: team.map(TeamId::get),
            by: by.get(),
            at,
        };
        let _: i64 = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }
}
