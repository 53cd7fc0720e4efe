use haat_domain::auth::Email;
use haat_domain::people::person_search_key;
use haat_domain::retailer::{RetailerUid, search_key};
use haat_domain::shared::Phone;
use tokio_postgres::Client;

use crate::TestDatabase;

/// The password of every user in a [`Fixture`].
pub const PASSWORD: &str = "Sr@12345";

/// The bcrypt hash of [`PASSWORD`], with cost 4 to keep tests fast.
pub const PASSWORD_HASH: &str = "$2b$04$/c2CgOkuCmJjhVDlukjo2.IZ6bQCdueuUaSgk7QhreOQYt71s/2UK";

/// Two tenants with the same names for everything, so that a query without a tenant condition finds too many
/// rows.
pub struct Fixture {
    /// The tenant `default`.
    pub ours: Company,
    /// The tenant `other`.
    pub theirs: Company,
}

/// A tenant with one place of each kind, an administrator, two sales reps and six retailers.
pub struct Company {
    /// The tenant id.
    pub tenant: i64,
    /// The short name.
    pub slug: &'static str,
    /// The administrator `admin`.
    pub admin: Person,
    /// The sales rep `sr00001`, who serves the retailers 1 to 4.
    pub rep: Person,
    /// The sales rep `sr00002`, who serves the retailers 4 and 5; retailer 6 is unassigned.
    pub other_rep: Person,
    /// The retailers 1 to 6; 1, 2 and 3 have the same name.
    pub retailers: Vec<RetailerFixture>,
}

/// A user who can log in with [`PASSWORD`].
pub struct Person {
    /// The user id.
    pub id: i64,
    /// The username.
    pub username: &'static str,
}

/// A retailer.
pub struct RetailerFixture {
    /// The id.
    pub id: i64,
    /// The uid.
    pub uid: String,
}

impl Fixture {
    /// Adds both tenants to the database.
    ///
    /// # Panics
    /// Panics if a row is rejected.
    pub async fn new(database: &TestDatabase) -> Self {
        let owner = database.owner().await;
        owner
            .execute("INSERT INTO tenants (slug, name) VALUES ('other', 'Other')", &[])
            .await
            .expect("insert a second tenant");
        Self { ours: Company::new(&owner, "default").await, theirs: Company::new(&owner, "other").await }
    }
}

impl Company {
    async fn new(owner: &Client, slug: &'static str) -> Self {
        let tenant = id(owner, "SELECT id FROM tenants WHERE slug = $1", &[&slug]).await;
        let place = |table: &'static str, columns: &'static str, values: &'static str, parent: i64| async move {
            let statement =
                format!("INSERT INTO {table} (tenant_id, {columns}) VALUES ($1, {values}) RETURNING id");
            if parent == 0 {
                id(owner, &statement, &[&tenant]).await
            } else {
                id(owner, &statement, &[&tenant, &parent]).await
            }
        };
        let region = place("regions", "name, name_bn", "'Dhaka', 'ঢাকা'", 0).await;
        let area = place("areas", "name, region_id", "'Gazipur', $2", region).await;
        let territory = place("territories", "name, area_id", "'Kaliganj', $2", area).await;
        let distributor = place("distributors", "name", "'Rahman Traders'", 0).await;
        let admin = person(owner, tenant, "admin", "admin").await;
        let rep = person(owner, tenant, "sr00001", "sales_rep").await;
        let other_rep = person(owner, tenant, "sr00002", "sales_rep").await;
        let mut retailers = Vec::new();
        for number in 1..=6_i64 {
            let name =
                if number <= 3 { "মা স্টোর".to_owned() } else { format!("Shop {number}") };
            let (uid, phone) = (format!("RTL-{number:04}"), format!("+88017112233{number:02}"));
            let key = search_key(
                &name,
                &RetailerUid::parse(&uid).expect("a uid"),
                Some(&Phone::parse(&phone).expect("a phone")),
            );
            let retailer = id(
                owner,
                "INSERT INTO retailers (tenant_id, uid, name, phone, phone_raw, region_id, area_id, territory_id, \
                 distributor_id, points, routes, search_key) \
                 VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, '{Bazar}', $10) RETURNING id",
                &[
                    &tenant, &uid, &name, &phone, &region, &area, &territory, &distributor,
                    &i32::try_from(number).unwrap_or(0), &key,
                ],
            )
            .await;
            retailers.push(RetailerFixture { id: retailer, uid });
        }
        let company = Self { tenant, slug, admin, rep, other_rep, retailers };
        for (rep, retailers) in [(&company.rep, 0..4), (&company.other_rep, 3..5)] {
            for retailer in retailers {
                company.assign(owner, rep, retailer).await;
            }
        }
        company
    }

    /// Assigns the retailer at this index to a sales rep.
    ///
    /// # Panics
    /// Panics if the row is rejected.
    pub async fn assign(&self, owner: &Client, rep: &Person, retailer: usize) {
        owner
            .execute(
                "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
                 SELECT tenant_id, $2, id, uid, name, '2026-01-01T00:00:00Z' FROM retailers \
                 WHERE tenant_id = $1 AND id = $3",
                &[&self.tenant, &rep.id, &self.retailers[retailer].id],
            )
            .await
            .expect("insert an assignment");
    }
}

async fn person(owner: &Client, tenant: i64, username: &'static str, role: &str) -> Person {
    let digit = username.chars().last().filter(char::is_ascii_digit).unwrap_or('0');
    let phone = format!("+880181100000{digit}");
    let email = format!("{username}@example.com");
    let name = "Rahim Uddin";
    let key = person_search_key(
        name,
        username,
        Some(&Phone::parse(&phone).expect("a phone")),
        Some(&Email::parse(&email).expect("an e-mail address")),
        None,
    );
    let id = id(
        owner,
        "INSERT INTO users (tenant_id, username, name, phone, email, password_hash, role, search_key) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        &[&tenant, &username, &name, &phone, &email, &PASSWORD_HASH, &role, &key],
    )
    .await;
    if role == "sales_rep" {
        owner
            .execute("INSERT INTO sales_reps (tenant_id, id) VALUES ($1, $2)", &[&tenant, &id])
            .await
            .expect("insert a sales rep");
    }
    Person { id, username }
}

async fn id(owner: &Client, statement: &str, values: &[&(dyn tokio_postgres::types::ToSql + Sync)]) -> i64 {
    owner.query_one(statement, values).await.expect("one row with an id").get(0)
}

/// Gives a user this role, which has no targets, instead of their present grants. Raises the access version by two.
///
/// # Panics
/// If the database refuses it.
pub async fn set_role(owner: &Client, user: i64, role: &str) {
    owner.execute("DELETE FROM user_roles WHERE user_id = $1", &[&user]).await.expect("the grants of a user");
    let insert =
        "INSERT INTO user_roles (tenant_id, user_id, role) SELECT tenant_id, id, $2 FROM users WHERE id = $1";
    owner.execute(insert, &[&user, &role]).await.expect("a new grant");
}
