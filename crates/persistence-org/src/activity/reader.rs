use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Date, Text};
use diesel_async::RunQueryDsl;
use haat_domain::activity::{
    ActivityFilter, ActivityKey, ActivityReader, ActivityScope, ActivitySum, DayRange, Grouping, UserActivity,
};
use haat_domain::shared::{Page, PageRequest, Role, StorageFailure, TenantId, UserId};

use super::rows::{Columns, DayColumns, DayRow, SumRow, user_activity};
use crate::OrgDatabase;
use crate::shared::{Explain, statement, surplus};

/// The activity of all users. A statement of its own, because one plan for both scopes would read all users for one.
const ALL: &str =
    ", activity AS (SELECT * FROM user_activity WHERE tenant_id = $1 AND day BETWEEN $3 AND $4) ";

/// The activity of the users $2.
const SOME: &str = ", activity AS (SELECT * FROM user_activity \
                    WHERE tenant_id = $1 AND user_id = ANY ($2) AND day BETWEEN $3 AND $4) ";

macro_rules! sums {
    ($all:ident, $some:ident = $file:literal { $($extra:ident: $kind:ty as $sql:ty = $value:expr),* }) => {
        sums!($all = ALL, $file { $($extra: $kind as $sql = $value),* });
        sums!($some = SOME, $file { $($extra: $kind as $sql = $value),* });
    };
    ($name:ident = $beginning:ident, $file:literal { $($extra:ident: $kind:ty as $sql:ty = $value:expr),* }) => {
        statement! {
            /// Sums over the users in scope.
            $name = $beginning + $file -> Columns {
                tenant: i64 as BigInt,
                users: Vec<i64> as Array<BigInt>,
                first: NaiveDate as Date,
                last: NaiveDate as Date,
                after: i64 as BigInt,
                limit: i64 as BigInt,
                $($extra: $kind as $sql),*
            }
        }

        impl From<Sums> for $name {
            fn from(sums: Sums) -> Self {
                let Sums { tenant, users, first, last, after, limit } = sums;
                Self { tenant, users, first, last, after, limit $(, $extra: $value)* }
            }
        }
    };
}

/// The parameters of all statements for sums.
struct Sums {
    tenant: i64,
    users: Vec<i64>,
    first: NaiveDate,
    last: NaiveDate,
    after: i64,
    limit: i64,
}

sums!(AllByUser, SomeByUser = "by_user.sql" {});
sums!(AllByDay, SomeByDay = "by_day.sql" {});
sums!(AllByRole, SomeByRole = "by_role.sql" { roles: Vec<&'static str> as Array<Text> = Role::WORDS.to_vec() });
sums!(AllByTeam, SomeByTeam = "by_team.sql" {});

statement! {
    /// Reads the activity of one user.
    OfUser = "of_user.sql" -> DayColumns {
        tenant: i64 as BigInt,
        user: i64 as BigInt,
        first: NaiveDate as Date,
        last: NaiveDate as Date,
    }
}

/// Runs the statement for a scope and a grouping through a generic method of the database.
macro_rules! run {
    ($db:ident.$method:ident($scope:expr, $grouping:expr, $sums:expr)) => {
        match ($scope, $grouping) {
            (ActivityScope::All, Grouping::User) => $db.$method(AllByUser::from($sums)).await,
            (ActivityScope::All, Grouping::Day) => $db.$method(AllByDay::from($sums)).await,
            (ActivityScope::All, Grouping::Role) => $db.$method(AllByRole::from($sums)).await,
            (ActivityScope::All, Grouping::Team) => $db.$method(AllByTeam::from($sums)).await,
            (ActivityScope::Users(_), Grouping::User) => $db.$method(SomeByUser::from($sums)).await,
            (ActivityScope::Users(_), Grouping::Day) => $db.$method(SomeByDay::from($sums)).await,
            (ActivityScope::Users(_), Grouping::Role) => $db.$method(SomeByRole::from($sums)).await,
            (ActivityScope::Users(_), Grouping::Team) => $db.$method(SomeByTeam::from($sums)).await,
        }
    };
}

impl Sums {
    fn new(
        tenant: TenantId,
        scope: &ActivityScope,
        filter: &ActivityFilter,
        page: &PageRequest<ActivityKey>,
    ) -> Self {
        let users = match scope {
            ActivityScope::All => Vec::new(),
            ActivityScope::Users(users) => users.iter().map(|user| user.get()).collect(),
        };
        let (first, last) = (filter.days.start(), filter.days.end());
        // Every key follows the smallest number.
        let after = page.after.map_or(i64::MIN, |key| key.0);
        Self { tenant: tenant.get(), users, first, last, after, limit: surplus(page) }
    }
}

impl OrgDatabase {
    async fn load_sums<S>(&self, statement: S) -> Result<Vec<SumRow>, StorageFailure>
    where
        S: Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send + 'static,
    {
        self.query(async |connection| statement.load::<SumRow>(connection).await).await
    }

    async fn explain_sums<S>(&self, statement: S) -> Result<Vec<String>, StorageFailure>
    where
        S: Query<SqlType = Columns> + QueryFragment<Pg> + QueryId + Send + 'static,
    {
        let statement = Explain::new(statement);
        self.query(async |connection| statement.load::<String>(connection).await).await
    }

    /// Explains the plan of a page of sums, for tests.
    pub async fn explain_activity(
        &self,
        tenant: TenantId,
        scope: &ActivityScope,
        filter: &ActivityFilter,
        page: &PageRequest<ActivityKey>,
    ) -> Result<String, StorageFailure> {
        let plan = run!(self.explain_sums(scope, filter.grouping, Sums::new(tenant, scope, filter, page)));
        Ok(plan?.join("\n"))
    }
}

#[async_trait]
impl ActivityReader for OrgDatabase {
    async fn sums(
        &self,
        tenant: TenantId,
        scope: &ActivityScope,
        filter: &ActivityFilter,
        page: &PageRequest<ActivityKey>,
    ) -> Result<Page<ActivitySum, ActivityKey>, StorageFailure> {
        let rows = run!(self.load_sums(scope, filter.grouping, Sums::new(tenant, scope, filter, page)))?;
        let sums: Vec<_> = rows.into_iter().map(|row| row.of(filter.grouping)).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(sums, page.limit, |sum| sum.key))
    }

    async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
        days: DayRange,
    ) -> Result<Option<UserActivity>, StorageFailure> {
        let statement =
            OfUser { tenant: tenant.get(), user: user.get(), first: days.start(), last: days.end() };
        let rows: Vec<DayRow> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(user_activity(user, rows))
    }
}
