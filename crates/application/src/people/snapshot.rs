//! The changes of users, as the audit log records them.

use haat_domain::audit::{AuditAction, Snapshot, SnapshotValue};
use haat_domain::auth::{Email, Grant, SecondFactor};
use haat_domain::people::{EmployeeCode, NewSalesRep, Person, UserState};
use haat_domain::shared::{Phone, Role, UserId};

use crate::shared::AuditedChange;

/// The audited values of a user. Never includes a password.
fn snapshot(person: &Person) -> Snapshot {
    let user = &person.user;
    let mut members: Snapshot = vec![
        ("username", user.username.as_str().into()),
        ("name", user.name.as_str().into()),
        ("phone", user.phone.as_ref().map(Phone::as_str).into()),
        ("email", user.email.as_ref().map(Email::as_str).into()),
        ("role", user.role.as_str().into()),
        ("roles", role_texts(user.grants.iter())),
        ("state", UserState::of(user.active).as_str().into()),
        ("mustChangePassword", user.must_change_password.into()),
        ("mfaEnabled", (user.second_factor == SecondFactor::On).into()),
    ];
    if let Some(rep) = &person.rep {
        members.push(("employeeCode", rep.employee_code.as_ref().map(EmployeeCode::as_str).into()));
        members.push(("capacity", rep.capacity.map(|own| i64::from(own.get())).into()));
    }
    members
}

/// Returns the audited value of grants: a text for each, such as `area_manager:3`.
pub(super) fn role_texts(grants: impl IntoIterator<Item = Grant>) -> SnapshotValue {
    let text = |grant: Grant| {
        let role = grant.role().as_str();
        grant.target().map_or_else(|| role.to_owned(), |target| format!("{role}:{}", target.id()))
    };
    SnapshotValue::Texts(grants.into_iter().map(text).collect())
}

/// Describes a change of a user's grants.
pub(crate) fn grants_changed(
    action: AuditAction,
    user: UserId,
    before: &[Grant],
    after: &[Grant],
) -> AuditedChange {
    let snapshot = |grants: &[Grant]| vec![("roles", role_texts(grants.iter().copied()))];
    AuditedChange::updated(action, user.to_string(), snapshot(before), snapshot(after))
}

/// Describes the creation of a user.
pub(super) fn created(person: &Person) -> AuditedChange {
    AuditedChange::created(AuditAction::UserCreate, person.user.id.to_string(), snapshot(person))
}

/// Describes the creation of a sales rep from a file, as [`created`] does for the stored user.
pub(super) fn created_rep(id: UserId, rep: &NewSalesRep) -> AuditedChange {
    let snapshot = vec![
        ("username", rep.username.as_str().into()),
        ("name", rep.name.as_str().into()),
        ("phone", rep.phone.as_ref().map(Phone::as_str).into()),
        ("email", rep.email.as_ref().map(Email::as_str).into()),
        ("role", Role::SalesRep.as_str().into()),
        ("roles", role_texts(Grant::new(Role::SalesRep, None))),
        ("state", UserState::Active.as_str().into()),
        ("mustChangePassword", true.into()),
        ("mfaEnabled", false.into()),
        ("employeeCode", rep.employee_code.as_ref().map(EmployeeCode::as_str).into()),
        ("capacity", rep.capacity.map(|own| i64::from(own.get())).into()),
    ];
    AuditedChange::created(AuditAction::UserCreate, id.to_string(), snapshot)
}

/// Describes the change of a user, with only the values that differ.
pub(super) fn changed(action: AuditAction, before: &Person, after: &Person) -> AuditedChange {
    let id = after.user.id.to_string();
    let (before, after) =
        snapshot(before).into_iter().zip(snapshot(after)).filter(|(old, new)| old != new).unzip();
    AuditedChange::updated(action, id, before, after)
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::User;
    use haat_domain::people::{Capacity, SalesRep};

    use super::*;
    use crate::testing::rep;

    #[test]
    fn a_sales_rep_from_a_file_is_recorded_like_any_other() {
        let (employee_code, capacity) = (EmployeeCode::parse("E 5").ok(), Capacity::parse(9).ok());
        let person = rep();
        let person = Person {
            user: User { must_change_password: true, ..person.user },
            rep: person.rep.map(|rep| SalesRep { employee_code: employee_code.clone(), capacity, ..rep }),
            ..person
        };
        let user = person.user.clone();
        let new = NewSalesRep {
            username: user.username,
            name: user.name,
            phone: user.phone,
            email: user.email,
            employee_code,
            capacity,
        };
        let (one, other) = (created(&person), created_rep(person.user.id, &new));
        assert_eq!((one.action, one.id, one.after), (other.action, other.id, other.after));
    }
}
