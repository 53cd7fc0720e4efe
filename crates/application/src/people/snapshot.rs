//! Audit entries of users.

use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditEntry, Snapshot};
use haat_domain::auth::{Email, SecondFactor};
use haat_domain::people::{EmployeeCode, Person};
use haat_domain::shared::Phone;

use crate::shared::{Actor, AuditedChange, WriteOptions};

/// The audited values of a user. Never includes a password.
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

/// The audit entry of a new user.
pub(super) fn created(
    person: &Person,
    actor: &Actor,
    write_options: &WriteOptions,
    at: DateTime<Utc>,
) -> AuditEntry {
    let id = person.user.id.to_string();
    let after = Some(snapshot(person));
    AuditedChange { action: "user.create", entity: "user", id, before: None, after }.by(
        actor,
        write_options,
        at,
    )
}

/// The audit entry of a changed user, with only the values that differ.
pub(super) fn changed(
    action: &'static str,
    (before, after): (&Person, &Person),
    actor: &Actor,
    write_options: &WriteOptions,
    at: DateTime<Utc>,
) -> AuditEntry {
    let id = after.user.id.to_string();
    let (before, after) =
        snapshot(before).into_iter().zip(snapshot(after)).filter(|(old, new)| old != new).unzip();
    AuditedChange { action, entity: "user", id, before: Some(before), after: Some(after) }.by(
        actor,
        write_options,
        at,
    )
}
