//! People as an administrator sees and changes them.

use chrono::{DateTime, Utc};

use super::{Email, PersonName, Role, User, Username};
use crate::retailer::{SearchText, fold};
use crate::shared::{Phone, UserId, single_line};

/// The number an employer knows somebody by: 1 to 64 printable ASCII characters, blanks inside among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeCode(String);

/// Why a text is not an employee code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} printable ASCII characters", EmployeeCode::MAX)]
pub struct EmployeeCodeError;

impl EmployeeCode {
    /// The most characters.
    pub const MAX: usize = 64;

    /// Parses a code.
    ///
    /// # Errors
    /// [`EmployeeCodeError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, EmployeeCodeError> {
        let is_printable = |c: char| c.is_ascii_graphic() || c == ' ';
        single_line(text, Self::MAX)
            .ok()
            .filter(|code| code.chars().all(is_printable))
            .map(Self)
            .ok_or(EmployeeCodeError)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many shops a representative can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity(i32);

/// A number that is no capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 0 to {}", Capacity::MAX)]
pub struct CapacityError;

impl Capacity {
    /// The most shops.
    pub const MAX: i32 = 100_000;

    /// Parses a capacity.
    ///
    /// # Errors
    /// [`CapacityError`] outside 0..=100,000.
    pub fn parse(shops: i64) -> Result<Self, CapacityError> {
        let shops = i32::try_from(shops).ok().filter(|shops| (0..=Self::MAX).contains(shops));
        shops.map(Self).ok_or(CapacityError)
    }

    /// The number of shops.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// What only sales representatives have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesRep {
    /// What their employer knows them by, if known.
    pub employee_code: Option<EmployeeCode>,
    /// How many shops they can serve; none: what the company says.
    pub capacity: Option<Capacity>,
    /// What the company says.
    pub default_capacity: i64,
    /// How many shops they serve.
    pub load: i64,
}

impl SalesRep {
    /// How many shops they can serve, by their own rule or the company's.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.capacity.map_or(self.default_capacity, |own| i64::from(own.get()))
    }
}

/// Somebody who works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What they log in with and may do.
    pub user: User,
    /// What they have as a sales representative, if they are one.
    pub rep: Option<SalesRep>,
    /// Rises with every change.
    pub version: i64,
    /// Since when they are known.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

impl Person {
    /// As they are after a patch.
    #[must_use]
    pub fn patched(&self, patch: &PersonPatch) -> Self {
        let mut person = self.clone();
        let user = &mut person.user;
        set(&mut user.username, patch.username.as_ref());
        set(&mut user.name, patch.name.as_ref());
        set(&mut user.phone, patch.phone.as_ref());
        set(&mut user.email, patch.email.as_ref());
        set(&mut user.active, patch.active.as_ref());
        if let Some(rep) = &mut person.rep {
            set(&mut rep.employee_code, patch.employee_code.as_ref());
            set(&mut rep.capacity, patch.capacity.as_ref());
        }
        if person.is_disabled_from(self) {
            // For good: being enabled again brings no old token back.
            person.user.token_version += 1;
        }
        person
    }

    /// Whether they may no longer log in, and could before.
    #[must_use]
    pub const fn is_disabled_from(&self, before: &Self) -> bool {
        before.user.active && !self.user.active
    }

    /// The text in which a search for people looks.
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

/// Name, username, phone digits, e-mail address and employee code, each on a line of its own so that no search matches
/// across two of them.
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

/// What to change of a person: absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonPatch {
    /// What they log in with.
    pub username: Option<Username>,
    /// Their name.
    pub name: Option<PersonName>,
    /// Their phone, or that they have none.
    pub phone: Option<Option<Phone>>,
    /// Their e-mail address, or that they have none.
    pub email: Option<Option<Email>>,
    /// Whether they may log in.
    pub active: Option<bool>,
    /// Of a representative: the employee code, or that there is none.
    pub employee_code: Option<Option<EmployeeCode>>,
    /// Of a representative: how many shops, or that the company's rule is theirs.
    pub capacity: Option<Option<Capacity>>,
}

/// Which people are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonQuery {
    /// Those of this role.
    pub role: Role,
    /// Who has this in name, username, phone, e-mail address or employee code.
    pub search: Option<SearchText>,
    /// Only those who may log in, or only those who may not.
    pub active: Option<bool>,
}

/// Where in the list, by name, a person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonKey {
    /// Their name.
    pub name: String,
    /// Their id, among those of one name.
    pub id: UserId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SecondFactor;
    use crate::shared::TenantId;

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
                active: true,
                must_change_password: false,
                second_factor: SecondFactor::Off,
                token_version: 3,
            },
            rep: Some(SalesRep {
                employee_code: EmployeeCode::parse("E-17").ok(),
                capacity: None,
                default_capacity: 120,
                load: 70,
            }),
            version: 4,
            created_at: DateTime::default(),
            updated_at: DateTime::default(),
        }
    }

    #[test]
    fn a_code_is_printable_ascii() {
        assert_eq!(EmployeeCode::parse(" E 17/a ").unwrap().as_str(), "E 17/a");
        assert!(EmployeeCode::parse(&"x".repeat(64)).is_ok());
        for bad in ["", "  ", "ক", "a\tb", "a\0b", &"x".repeat(65)] {
            assert_eq!(EmployeeCode::parse(bad), Err(EmployeeCodeError), "{bad:?}");
        }
    }

    #[test]
    fn a_capacity_is_not_negative_and_not_absurd() {
        assert_eq!(Capacity::parse(0).map(Capacity::get), Ok(0));
        assert_eq!(Capacity::parse(100_000).map(Capacity::get), Ok(100_000));
        for bad in [-1, 100_001, i64::MAX, i64::MIN, 1 << 32] {
            assert_eq!(Capacity::parse(bad), Err(CapacityError), "{bad}");
        }
    }

    #[test]
    fn the_limit_is_ones_own_or_the_companys() {
        let rep = person().rep.unwrap();
        assert_eq!(rep.limit(), 120);
        assert_eq!(SalesRep { capacity: Capacity::parse(0).ok(), ..rep }.limit(), 0);
    }

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
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
    fn disabling_ends_every_token_and_enabling_revives_none() {
        let state = |active| PersonPatch { active: Some(active), ..PersonPatch::default() };
        let disabled = person().patched(&state(false));
        assert_eq!((disabled.user.active, disabled.user.token_version), (false, 4));
        assert!(disabled.is_disabled_from(&person()));
        assert_eq!(disabled.patched(&state(false)), disabled, "once is enough");
        let enabled = disabled.patched(&state(true));
        assert_eq!((enabled.user.active, enabled.user.token_version), (true, 4));
        assert!(!enabled.is_disabled_from(&disabled));
    }

    #[test]
    fn the_key_holds_all_names_apart() {
        let key = "রহিম uddin\nsr00001\n8801711234567\nrahim@example.com\ne-17";
        assert_eq!(person().search_key(), key);
        let mut admin = person();
        admin.rep = None;
        admin.user.phone = None;
        assert_eq!(admin.search_key(), "রহিম uddin\nsr00001\n\nrahim@example.com\n");
    }
}
