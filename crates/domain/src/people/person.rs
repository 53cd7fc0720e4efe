//! Users as administrators see and change them.

use chrono::{DateTime, Utc};

use super::{Capacity, EmployeeCode};
use crate::auth::{Email, Grant, PasswordHash, PersonName, User, Username};
use crate::shared::{AreaId, NameKey, Phone, RegionId, Role, SearchText, TeamId, TenantId, UserId, fold};

/// The attributes that only sales reps have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesRep {
    /// The employee code, if known.
    pub employee_code: Option<EmployeeCode>,
    /// The sales rep's own capacity; `None` for the tenant's default.
    pub capacity: Option<Capacity>,
    /// The tenant's default capacity.
    pub default_capacity: i64,
    /// The number of assigned retailers.
    pub assigned_count: i64,
}

impl SalesRep {
    /// Returns the sales rep's own capacity or, without one, the tenant's default.
    #[must_use]
    pub fn effective_capacity(&self) -> i64 {
        self.capacity.map_or(self.default_capacity, |own| i64::from(own.get()))
    }
}

/// A user as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: User,
    /// The first name, if it is stored apart from the displayed name.
    pub first_name: Option<PersonName>,
    /// The last name, if it is stored apart from the displayed name.
    pub last_name: Option<PersonName>,
    /// The attributes of a sales rep, if the user is one.
    pub rep: Option<SalesRep>,
    /// The version, raised by every change.
    pub version: i64,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

impl Person {
    /// Returns the user with the patch applied.
    #[must_use]
    pub fn patched(&self, patch: &PersonPatch) -> Self {
        let mut person = self.clone();
        let user = &mut person.user;
        set(&mut user.username, patch.username.as_ref());
        set(&mut user.name, patch.name.as_ref());
        set(&mut person.first_name, patch.first_name.as_ref());
        set(&mut person.last_name, patch.last_name.as_ref());
        set(&mut user.phone, patch.phone.as_ref());
        set(&mut user.email, patch.email.as_ref());
        set(&mut user.active, patch.active.as_ref());
        if let Some(rep) = &mut person.rep {
            set(&mut rep.employee_code, patch.employee_code.as_ref());
            set(&mut rep.capacity, patch.capacity.as_ref());
        }
        if person.is_disabled_from(self) {
            // Permanent: enabling the user again does not restore old tokens.
            person.user.token_version += 1;
        }
        person
    }

    /// Returns true if the user is disabled and was active in `before`.
    #[must_use]
    pub const fn is_disabled_from(&self, before: &Self) -> bool {
        before.user.active && !self.user.active
    }

    /// Returns the text that a search for users matches against.
    #[must_use]
    pub fn search_key(&self) -> String {
        let code = self.rep.as_ref().and_then(|rep| rep.employee_code.as_ref());
        let User { username, name, phone, email, .. } = &self.user;
        person_search_key(name.as_str(), username.as_str(), phone.as_ref(), email.as_ref(), code)
    }
}

fn set<T: Clone>(member: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        member.clone_from(value);
    }
}

/// Builds the search key of a user: name, username, phone digits, e-mail address and employee code, each on a
/// line of its own so that no search matches across two of them.
#[must_use]
pub fn person_search_key(
    name: &str,
    username: &str,
    phone: Option<&Phone>,
    email: Option<&Email>,
    code: Option<&EmployeeCode>,
) -> String {
    let phone = phone.map_or("", |phone| phone.as_str().trim_start_matches('+'));
    let email = fold(email.map_or("", Email::as_str));
    let code = fold(code.map_or("", EmployeeCode::as_str));
    format!("{}\n{}\n{phone}\n{email}\n{code}", fold(name), fold(username))
}

/// New values for some attributes of a user; `None` leaves an attribute unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonPatch {
    /// The username.
    pub username: Option<Username>,
    /// The name.
    pub name: Option<PersonName>,
    /// The first name; `Some(None)` removes it.
    pub first_name: Option<Option<PersonName>>,
    /// The last name; `Some(None)` removes it.
    pub last_name: Option<Option<PersonName>>,
    /// The phone; `Some(None)` removes it.
    pub phone: Option<Option<Phone>>,
    /// The e-mail address; `Some(None)` removes it.
    pub email: Option<Option<Email>>,
    /// True to enable the user, false to disable it.
    pub active: Option<bool>,
    /// The employee code of a sales rep; `Some(None)` removes it.
    pub employee_code: Option<Option<EmployeeCode>>,
    /// The capacity of a sales rep; `Some(None)` restores the tenant's default.
    pub capacity: Option<Option<Capacity>>,
}

/// The filter of a list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonQuery {
    /// Users with this role, including those who also have other roles; `None` for all users.
    pub role: Option<Role>,
    /// Users with this text in name, username, phone, e-mail address or employee code.
    pub search: Option<SearchText>,
    /// Only active users, or only disabled users.
    pub active: Option<bool>,
    /// The team of the users.
    pub team: TeamFilter,
    /// The order.
    pub order: PersonOrder,
    /// The fewest and the most assigned retailers of a sales rep.
    pub assigned: (Option<u32>, Option<u32>),
    /// True for the shadow users of super admins, false for all other users.
    pub support: bool,
}

/// A filter of users by their team. A user matches if the team meets every condition that is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TeamFilter {
    /// The team.
    pub team: Option<TeamId>,
    /// The region of its home area.
    pub region: Option<RegionId>,
    /// Its home area.
    pub area: Option<AreaId>,
}

impl PersonQuery {
    /// Returns the query for all users with a role, or for all users, by name.
    #[must_use]
    pub fn all(role: Option<Role>) -> Self {
        Self {
            role,
            search: None,
            active: None,
            team: TeamFilter::default(),
            order: PersonOrder::default(),
            assigned: (None, None),
            support: false,
        }
    }

    /// Returns true if the list depends on the number of assigned retailers.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.order.by_assigned_count || self.assigned != (None, None)
    }
}

/// The order of a list of users. Users that are equal in it are ordered by name, then by id, in the same direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonOrder {
    /// True to order by the number of assigned retailers, false to order by name.
    pub by_assigned_count: bool,
    /// True to reverse the order.
    pub descending: bool,
}

impl PersonOrder {
    /// The words in requests.
    pub const WORDS: &[&str] = &["name", "-name", "assignedCount", "-assignedCount"];

    /// Parses a word, which `-` reverses.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let (field, descending) = word.strip_prefix('-').map_or((word, false), |field| (field, true));
        match field {
            "name" => Some(Self { by_assigned_count: false, descending }),
            "assignedCount" => Some(Self { by_assigned_count: true, descending }),
            _ => None,
        }
    }
}

/// The position of a user in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonKey {
    /// The number of assigned retailers in a list that is ordered by it, otherwise 0.
    pub assigned_count: i64,
    /// The name and the id, which break ties.
    pub name: NameKey<UserId>,
}

impl PersonKey {
    /// Returns the position of a user in a list with this order.
    #[must_use]
    pub fn of(person: &Person, order: PersonOrder) -> Self {
        let rep = person.rep.as_ref().filter(|_| order.by_assigned_count);
        Self {
            assigned_count: rep.map_or(0, |rep| rep.assigned_count),
            name: NameKey { name: person.user.name.as_str().to_owned(), id: person.user.id },
        }
    }
}

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The tenant.
    pub tenant: TenantId,
    /// The username.
    pub username: Username,
    /// The displayed name.
    pub name: PersonName,
    /// The first name, if known apart from the displayed name.
    pub first_name: Option<PersonName>,
    /// The last name, if known apart from the displayed name.
    pub last_name: Option<PersonName>,
    /// The phone, if known.
    pub phone: Option<Phone>,
    /// The e-mail address, if known.
    pub email: Option<Email>,
    /// The grants; at least one.
    pub grants: Vec<Grant>,
    /// The user who gives the grants; `None` for the operator.
    pub granted_by: Option<UserId>,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// True if the user must change the password first.
    pub must_change_password: bool,
    /// The employee code of a sales rep.
    pub employee_code: Option<EmployeeCode>,
    /// The capacity of a sales rep; `None` for the tenant's default.
    pub capacity: Option<Capacity>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

impl NewUser {
    /// Returns the highest role of the grants.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.grants.iter().map(|grant| grant.role()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Grants, SecondFactor};

    fn person() -> Person {
        Person {
            user: User {
                id: UserId::new(7),
                tenant: TenantId::new(1),
                username: Username::parse("sr00001").unwrap(),
                name: PersonName::parse("রহিম  Uddin").unwrap(),
                phone: Phone::parse("01711234567").ok(),
                email: Email::parse("Rahim@Example.com").ok(),
                role: Role::SalesRep,
                grants: Grants::Role(Role::SalesRep),
                team: None,
                active: true,
                must_change_password: false,
                second_factor: SecondFactor::Off,
                token_version: 3,
            },
            first_name: None,
            last_name: None,
            rep: Some(SalesRep {
                employee_code: EmployeeCode::parse("E-17").ok(),
                capacity: None,
                default_capacity: 120,
                assigned_count: 70,
            }),
            version: 4,
            created_at: DateTime::default(),
            updated_at: DateTime::default(),
        }
    }

    #[test]
    fn the_effective_capacity_is_the_own_one_or_the_default() {
        let rep = person().rep.unwrap();
        assert_eq!(rep.effective_capacity(), 120);
        assert_eq!(SalesRep { capacity: Capacity::parse(0).ok(), ..rep }.effective_capacity(), 0);
    }

    #[test]
    fn a_patch_changes_only_the_given_attributes() {
        assert_eq!(person().patched(&PersonPatch::default()), person());
        let patch = PersonPatch {
            phone: Some(None),
            capacity: Some(Capacity::parse(5).ok()),
            active: Some(true),
            ..PersonPatch::default()
        };
        let mut expected = person();
        expected.user.phone = None;
        expected.rep.as_mut().unwrap().capacity = Capacity::parse(5).ok();
        assert_eq!(person().patched(&patch), expected);
    }

    #[test]
    fn disabling_revokes_every_token_and_enabling_restores_none() {
        let state = |active| PersonPatch { active: Some(active), ..PersonPatch::default() };
        let disabled = person().patched(&state(false));
        assert_eq!((disabled.user.active, disabled.user.token_version), (false, 4));
        assert!(disabled.is_disabled_from(&person()));
        assert_eq!(disabled.patched(&state(false)), disabled, "the version is raised only once");
        let enabled = disabled.patched(&state(true));
        assert_eq!((enabled.user.active, enabled.user.token_version), (true, 4));
        assert!(!enabled.is_disabled_from(&disabled));
    }

    #[test]
    fn the_search_key_puts_each_value_on_its_own_line() {
        let key = "রহিম uddin\nsr00001\n8801711234567\nrahim@example.com\ne-17";
        assert_eq!(person().search_key(), key);
        let mut admin = person();
        admin.rep = None;
        admin.user.phone = None;
        assert_eq!(admin.search_key(), "রহিম uddin\nsr00001\n\nrahim@example.com\n");
    }
}
