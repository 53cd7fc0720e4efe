//! People in the audit log.

use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditEntry, Snapshot};
use haat_domain::identity::{Email, EmployeeCode, Person, SecondFactor};
use haat_domain::shared::Phone;

use crate::shared::{Actor, Change, Changed};

/// What the log keeps of a person. Never a password.
fn snapshot(person: &Person) -> Snapshot {
    let user = &person.user;
    let mut members: Snapshot = vec![
        ("username", user.username.as_str().into()),
        ("name", user.name.as_str().into()),
        ("phone", user.phone.as_ref().map(Phone::as_str).into()),
        ("email", user.email.as_ref().map(Email::as_str).into()),
        ("role", user.role.as_str().into()),
        ("state", if user.active { "active" } else { "disabled" }.into()),
        ("mustChangePassword", user.must_change_password.into()),
        ("mfaEnabled", (user.second_factor == SecondFactor::On).into()),
    ];
    if let Some(rep) = &person.rep {
        members.push(("employeeCode", rep.employee_code.as_ref().map(EmployeeCode::as_str).into()));
        members.push(("capacity", rep.capacity.map(|own| i64::from(own.get())).into()));
    }
    members
}

/// The entry for somebody new.
pub(super) fn created(person: &Person, actor: &Actor, change: &Change, at: DateTime<Utc>) -> AuditEntry {
    let id = person.user.id.to_string();
    let after = Some(snapshot(person));
    Changed { action: "user.create", entity: "user", id, before: None, after }.by(actor, change, at)
}

/// The entry for somebody changed, of whom it keeps what is different.
pub(super) fn changed(
    action: &'static str,
    (before, after): (&Person, &Person),
    actor: &Actor,
    change: &Change,
    at: DateTime<Utc>,
) -> AuditEntry {
    let id = after.user.id.to_string();
    let (before, after) =
        snapshot(before).into_iter().zip(snapshot(after)).filter(|(old, new)| old != new).unzip();
    Changed { action, entity: "user", id, before: Some(before), after: Some(after) }.by(actor, change, at)
}
