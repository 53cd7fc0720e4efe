use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::auth::{Email, FactorWriter, Grant, PasswordHash, PasswordWriter, PersonName};
use haat_domain::people::{
    Capacity, EmployeeCode, GrantWriter, Identifiers, NewSalesRep, NewUser, PasswordFileWriter, PeopleTx,
    Person, UserConflict, UserWriter, person_search_key,
};
use haat_domain::shared::{Phone, Role, StorageFailure, Targets, TenantId, UserId, fold};

use super::reader::OnePerson;
use super::rows::PersonRow;
use super::sales_rep_files;
use super::uniqueness::{UniqueValues, conflict_of};
use crate::schema::{sales_reps, users};
use crate::shared::view;
use crate::{OrgDatabase, OrgTx};

view!(OrgDatabase, OrgTx as PeopleTx {
    users: UserWriter,
    grants: GrantWriter,
    password_files: PasswordFileWriter,
} over {
    passwords: PasswordWriter,
    factors: FactorWriter,
});

#[async_trait]
impl UserWriter for OrgTx {
    async fn insert(&mut self, user: &NewUser) -> Result<Result<UserId, Vec<UserConflict>>, StorageFailure> {
        let NewUser { username, name, phone, email, employee_code, .. } = user;
        let role =
            user.role().ok_or_else(|| StorageFailure::Broken("a new user without a grant".to_owned()))?;
        let (first_name, last_name) = (user.first_name.as_ref(), user.last_name.as_ref());
        let (phone, email, code) = (phone.as_ref(), email.as_ref(), employee_code.as_ref());
        let values = UniqueValues { username, phone, email, code };
        if username.is_reserved() {
            return Ok(Err(values.taken(self, user.tenant, 0).await?));
        }
        // Do nothing on a conflict instead of failing, then look up every value that is taken.
        let insert = diesel::insert_into(users::table)
            .values((
                users::tenant_id.eq(user.tenant.get()),
                users::username.eq(username.as_str()),
                users::name.eq(name.as_str()),
                users::phone.eq(phone.map(Phone::as_str)),
                users::email.eq(email.map(Email::as_str)),
                users::password_hash.eq(user.password_hash.expose()),
                users::must_change_password.eq(user.must_change_password),
                users::first_name.eq(first_name.map(PersonName::as_str)),
                users::last_name.eq(last_name.map(PersonName::as_str)),
                users::role.eq(role.as_str()),
                // The grants follow, with the user who gives them, and raise both versions to 1.
                users::scoped.eq(true),
                users::access_version.eq(0),
                users::version.eq(0),
                users::search_key.eq(person_search_key(name.as_str(), username.as_str(), phone, email, code)),
                users::created_at.eq(user.created_at),
                users::updated_at.eq(user.created_at),
            ))
            .on_conflict_do_nothing()
            .returning(users::id);
        let id: Option<i64> =
            self.query(async |connection| insert.get_result(connection).await.optional()).await?;
        let is_rep = user.grants.iter().any(|grant| grant.role() == Role::SalesRep);
        let inserted = match id {
            Some(id) if is_rep => self.insert_rep(user, id).await?,
            id => id.is_some(),
        };
        if let Some(id) = id.filter(|_| inserted) {
            let id = UserId::new(id);
            let given: Vec<_> = user.grants.iter().map(|grant| (id, *grant)).collect();
            self.grant(user.tenant, &given, user.granted_by, user.created_at).await?;
            self.add_user_entry(user.tenant, id, "created").await?;
            return Ok(Ok(id));
        }
        let taken = values.taken(self, user.tenant, id.unwrap_or_default()).await?;
        if taken.is_empty() {
            // The other user has released the value since.
            return Err(StorageFailure::Contended("a unique value that was taken is free again".to_owned()));
        }
        Ok(Err(taken))
    }

    async fn lock(
        &mut self,
        tenant: TenantId,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Option<Person>, StorageFailure> {
        let key = (tenant.get(), id.get());
        // The user before the sales rep, in the lock order of assignment changes.
        let rep = sales_reps::table.find(key).select(sales_reps::id).for_no_key_update();
        let user = users::table.find(key).select(users::id).for_no_key_update();
        let locked: Option<i64> =
            self.query(async |connection| user.first(connection).await.optional()).await?;
        if locked.is_none() {
            return Ok(None);
        }
        let _: Option<i64> = self.query(async |connection| rep.first(connection).await.optional()).await?;
        // A separate statement, so that it sees what the previous lock holder committed.
        let statement = OnePerson::new(tenant, &Targets::everything(), role, id);
        let row: Option<PersonRow> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(|row| row.of(tenant)).transpose()
    }

    async fn update(
        &mut self,
        person: &Person,
        at: DateTime<Utc>,
    ) -> Result<Result<(), Vec<UserConflict>>, StorageFailure> {
        let user = &person.user;
        let (phone, email) = (user.phone.as_ref(), user.email.as_ref());
        let code = person.rep.as_ref().and_then(|rep| rep.employee_code.as_ref());
        let search_key = match &person.rep {
            Some(_) => person.search_key(),
            None => self.search_key_with_stored_code(person).await?,
        };
        let values = UniqueValues { username: &user.username, phone, email, code };
        let taken = values.taken(self, user.tenant, user.id.get()).await?;
        if !taken.is_empty() {
            return Ok(Err(taken));
        }
        let update = diesel::update(users::table.find((user.tenant.get(), user.id.get()))).set((
            users::username.eq(user.username.as_str()),
            users::name.eq(user.name.as_str()),
            users::first_name.eq(person.first_name.as_ref().map(PersonName::as_str)),
            users::last_name.eq(person.last_name.as_ref().map(PersonName::as_str)),
            users::phone.eq(phone.map(Phone::as_str)),
            users::email.eq(email.map(Email::as_str)),
            users::state.eq(if user.active { "active" } else { "disabled" }),
            users::token_version.eq(user.token_version),
            users::search_key.eq(search_key),
            users::version.eq(person.version + 1),
            users::updated_at.eq(at),
        ));
        let updated = self.query(async |connection| conflict_of(update.execute(connection).await)).await?;
        if let Err(conflict) = updated {
            return Ok(Err(vec![conflict]));
        }
        if let Some(rep) = &person.rep {
            let update = diesel::update(sales_reps::table.find((user.tenant.get(), user.id.get()))).set((
                sales_reps::employee_code.eq(code.map(EmployeeCode::as_str)),
                // A code that stays keeps its folded form, which is empty if another sales rep has the same.
                sales_reps::employee_code_key.eq(case_when(
                    sales_reps::employee_code.is_not_distinct_from(code.map(EmployeeCode::as_str)),
                    sales_reps::employee_code_key,
                )
                .otherwise(code.map(|code| fold(code.as_str())))),
                sales_reps::capacity.eq(rep.capacity.map(Capacity::get)),
            ));
            let updated =
                self.query(async |connection| conflict_of(update.execute(connection).await)).await?;
            if let Err(conflict) = updated {
                return Ok(Err(vec![conflict]));
            }
        }
        self.add_user_entry(user.tenant, user.id, "updated").await?;
        Ok(Ok(()))
    }

    async fn conflicts(
        &mut self,
        tenant: TenantId,
        users: &[Identifiers],
    ) -> Result<Vec<Vec<UserConflict>>, StorageFailure> {
        sales_rep_files::conflicts(self, tenant, users).await
    }

    async fn insert_sales_reps(
        &mut self,
        tenant: TenantId,
        reps: &[(NewSalesRep, PasswordHash)],
        granted_by: UserId,
        at: DateTime<Utc>,
    ) -> Result<Option<Vec<UserId>>, StorageFailure> {
        let ids = sales_rep_files::insert(self, tenant, reps, at).await?;
        let given: Vec<_> = Grant::new(Role::SalesRep, None)
            .map(|grant| ids.iter().flatten().map(|id| (*id, grant)).collect())
            .unwrap_or_default();
        self.grant(tenant, &given, Some(granted_by), at).await?;
        Ok(ids)
    }
}

impl OrgTx {
    /// Returns the search key of a user who is no sales rep at present, with the employee code that they have as soon as they
    /// are one again.
    async fn search_key_with_stored_code(&mut self, person: &Person) -> Result<String, StorageFailure> {
        let user = &person.user;
        let code =
            sales_reps::table.find((user.tenant.get(), user.id.get())).select(sales_reps::employee_code);
        let code: Option<Option<String>> =
            self.query(async |connection| code.first(connection).await.optional()).await?;
        let code = code.flatten().and_then(|code| EmployeeCode::parse(&code).ok());
        let (name, username) = (user.name.as_str(), user.username.as_str());
        Ok(person_search_key(name, username, user.phone.as_ref(), user.email.as_ref(), code.as_ref()))
    }

    /// Inserts the sales rep; false if another sales rep has the employee code.
    async fn insert_rep(&mut self, user: &NewUser, id: i64) -> Result<bool, StorageFailure> {
        let insert = diesel::insert_into(sales_reps::table)
            .values((
                sales_reps::tenant_id.eq(user.tenant.get()),
                sales_reps::id.eq(id),
                sales_reps::employee_code.eq(user.employee_code.as_ref().map(EmployeeCode::as_str)),
                sales_reps::employee_code_key.eq(user.employee_code.as_ref().map(|code| fold(code.as_str()))),
                sales_reps::capacity.eq(user.capacity.map(Capacity::get)),
            ))
            .on_conflict_do_nothing();
        Ok(self.query(async |connection| insert.execute(connection).await).await? == 1)
    }
}
