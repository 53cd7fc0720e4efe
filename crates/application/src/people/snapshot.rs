//! The changes of users, as the audit log records them.

use haat_domain::audit::{AuditAction, Snapshot};
use haat_domain::auth::{Email, SecondFactor};
use haat_domain::people::{EmployeeCode, Person, UserState};
use haat_domain::shared::Phone;

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

/// Describes the creation of a user.
pub(super) fn created(person: &Person) -> AuditedChange {
    AuditedChange::created(AuditAction::UserCreate, person.user.id.to_string(), snapshot(person))
}

/// Describes the change of a user, with only the values that differ.
pub(super) fn changed(action: AuditAction, before: &Person, after: &Person) -> AuditedChange {
    let id = after.user.id.to_string();
    let (before, after) =
        snapshot(before).into_iter().zip(snapshot(after)).filter(|(old, new)| old != new).unzip();
    AuditedChange::updated(action, id, before, after)
}
