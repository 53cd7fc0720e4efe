//! The columns that a file of sales reps can have.

use crate::shared::{EMPLOYEE_CODE_NAMES, PHONE_NAMES};

/// A column of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Username,
    Name,
    Phone,
    Email,
    EmployeeCode,
    Capacity,
}

impl Column {
    /// All columns.
    pub(super) const ALL: [Self; 6] =
        [Self::Username, Self::Name, Self::Phone, Self::Email, Self::EmployeeCode, Self::Capacity];

    /// Returns the name in errors: that of the member in JSON.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::EmployeeCode => "employeeCode",
            Self::Capacity => "capacity",
        }
    }

    /// Returns the names in headers, in groups: a group counts only if no earlier one occurs.
    pub(super) const fn names(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Username => &[
                &["username"],
                &["user", "login", "loginname", "userid", "ইউজারনেম", "ইউজার", "লগইন", "ব্যবহারকারীর নাম"],
            ],
            Self::Name => &[
                &["name"],
                &["fullname", "salesrepname", "srname", "employeename", "নাম", "পুরো নাম", "প্রতিনিধির নাম"],
            ],
            Self::Phone => &[&["phone"], PHONE_NAMES],
            Self::Email => &[&["email"], &["emailaddress", "mail", "ইমেইল", "ইমেইল ঠিকানা", "মেইল"]],
            Self::EmployeeCode => &[&["employeecode"], EMPLOYEE_CODE_NAMES],
            Self::Capacity => &[&["capacity"], &["maxretailers", "maxshops", "ধারণক্ষমতা", "সর্বোচ্চ দোকান"]],
        }
    }

    /// Returns true if every row needs a value.
    pub(super) const fn is_required(self) -> bool {
        matches!(self, Self::Username | Self::Name)
    }
}
