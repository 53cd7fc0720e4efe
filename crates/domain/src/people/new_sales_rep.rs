//! Sales reps to be created from a file.

use super::{Capacity, EmployeeCode, person_search_key};
use crate::auth::{Email, PersonName, Username};
use crate::shared::{Phone, fold};

/// The values that identify one user within a tenant, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// The username.
    pub username: Option<Username>,
    /// The phone.
    pub phone: Option<Phone>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The employee code of a sales rep.
    pub employee_code: Option<EmployeeCode>,
}

impl Identifiers {
    /// Returns the employee code as it is compared with others.
    #[must_use]
    pub fn employee_code_key(&self) -> Option<String> {
        self.employee_code.as_ref().map(|code| fold(code.as_str()))
    }
}

/// A sales rep to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSalesRep {
    /// The username.
    pub username: Username,
    /// The name.
    pub name: PersonName,
    /// The phone, if known.
    pub phone: Option<Phone>,
    /// The e-mail address, if known.
    pub email: Option<Email>,
    /// The employee code, if known.
    pub employee_code: Option<EmployeeCode>,
    /// The capacity; `None` for the tenant's default.
    pub capacity: Option<Capacity>,
}

impl NewSalesRep {
    /// Returns the text that a search for users matches against.
    #[must_use]
    pub fn search_key(&self) -> String {
        let Self { username, name, phone, email, employee_code, .. } = self;
        let (phone, email, code) = (phone.as_ref(), email.as_ref(), employee_code.as_ref());
        person_search_key(name.as_str(), username.as_str(), phone, email, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn employee_codes_are_compared_without_case_and_extra_blanks() {
        let code = EmployeeCode::parse("E  17/A").ok();
        let identifiers = Identifiers { employee_code: code, ..Identifiers::default() };
        assert_eq!(identifiers.employee_code_key().as_deref(), Some("e 17/a"));
        assert_eq!(Identifiers::default().employee_code_key(), None);
    }
}
