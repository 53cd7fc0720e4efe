use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::people::{Person, PersonKey, PersonQuery, PersonReader};
use haat_domain::shared::{Page, PageRequest, Role, SearchText, StorageFailure, TenantId, UserId};

use super::rows::{Columns, PersonRow};
use crate::PgDatabase;
use crate::shared::{Explain, statement, surplus};

statement! {
    /// Reads one user.
    OnePerson = "person.sql" -> Columns {
        tenant: i64 as BigInt,
        roles: Vec<&'static str> as Array<Text>,
        id: i64 as BigInt,
    }
}

statement! {
    /// Lists a page of users.
    PageOfPeople = "page.sql" -> Columns {
        tenant: i64 as BigInt,
        role: &'static str as Text,
        states: Vec<&'static str> as Array<Text>,
        text: String as Text,
        other_text: String as Text,
        after_name: String as Text,
        after_id: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

impl OnePerson {
    pub(super) fn new(tenant: TenantId, role: Option<Role>, id: UserId) -> Self {
        let roles = role.as_ref().map_or(&Role::ALL[..], std::slice::from_ref);
        Self { tenant: tenant.get(), roles: roles.iter().map(|role| role.as_str()).collect(), id: id.get() }
    }
}

impl PageOfPeople {
    fn new(tenant: TenantId, query: &PersonQuery, page: &PageRequest<PersonKey>) -> Self {
        let mut texts = query.search.iter().flat_map(SearchText::texts);
        let text = texts.next().unwrap_or_default().to_owned();
        let other_text = texts.next().unwrap_or(&text).to_owned();
        Self {
            tenant: tenant.get(),
            role: query.role.as_str(),
            states: match query.active {
                None => vec!["active", "disabled"],
                Some(true) => vec!["active"],
                Some(false) => vec!["disabled"],
            },
            text,
            other_text,
            // No name is empty, so every row follows this key.
            after_name: page.after.as_ref().map(|key| key.name.clone()).unwrap_or_default(),
            after_id: page.after.as_ref().map_or(0, |key| key.id.get()),
            limit: surplus(page),
        }
    }
}

impl PgDatabase {
    /// Explains the plan of a page of users, for tests.
    pub async fn explain_people_list(
        &self,
        tenant: TenantId,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<String, StorageFailure> {
        let statement = Explain::new(PageOfPeople::new(tenant, query, page));
        let plan: Vec<String> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(plan.join("\n"))
    }
}

#[async_trait]
impl PersonReader for PgDatabase {
    async fn find(&self, tenant: TenantId, role: Role, id: UserId) -> Result<Option<Person>, StorageFailure> {
        let statement = OnePerson::new(tenant, Some(role), id);
        let row: Option<PersonRow> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(|row| row.of(tenant)).transpose()
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, StorageFailure> {
        let statement = PageOfPeople::new(tenant, query, page);
        let rows: Vec<PersonRow> = self.query(async |connection| statement.load(connection).await).await?;
        let people: Vec<Person> = rows.into_iter().map(|row| row.of(tenant)).collect::<Result<_, _>>()?;
        let key =
            |person: &Person| PersonKey { name: person.user.name.as_str().to_owned(), id: person.user.id };
        Ok(Page::from_surplus(people, page.limit, key))
    }
}
