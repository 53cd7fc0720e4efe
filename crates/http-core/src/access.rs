use std::fmt::Write as _;

use haat_domain::shared::Role;
use utoipa::openapi::path::Operation;

use crate::describe::facets::{required, requirement};
use crate::describe::id;
use crate::describe::responses::ALWAYS_ALLOWED;
use crate::{Api, openapi};

/// The text above the table.
const INTRODUCTION: &str = "# Access

The routes, and the roles that may use them. `scripts/openapi` generates this page from the permission that each route names
and from the permission table (`application/src/shared/permission.rs`). Tests call every route with every role and compare the
responses with this table.
Words in parentheses are the only use that the route makes of the permission. Some roles have the permission for that use only.
`all`: everything in the tenant. `targets`: the objects that the targets of the caller's grants cover. `own`: the retailers assigned to the caller. `yes`: no permission is needed. `platform`: only without
`X-Tenant-Id`. `any`: in a tenant with it, and in the platform's own tenant without it. Every other route of the column `super_admin`
requires it, except those about the caller's own account.

";

/// Returns the table of routes and roles in Markdown (docs/ACCESS.md).
#[must_use]
pub fn access_table(api: Api) -> String {
    let mut table = INTRODUCTION.to_owned();
    let roles = Role::ALL.map(Role::as_str).join(" | ");
    let _ = writeln!(table, "| route | requires | {roles} |");
    let _ = writeln!(table, "|---|---|{}", "---|".repeat(Role::ALL.len()));
    for (path, item) in &openapi(api).paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                // Writing to a String cannot fail.
                let _ = writeln!(table, "| {method} {path} | {}", cells(operation));
            }
        }
    }
    table
}

/// Returns the cells of a route after its path.
fn cells(operation: &Operation) -> String {
    let required = required(operation);
    let text = match required {
        Some(required) => requirement(required),
        None if operation.security.is_none() => "nothing".to_owned(),
        None if ALWAYS_ALLOWED.contains(&id(operation)) => {
            "a login, even if a password change is pending".to_owned()
        }
        None => "a login".to_owned(),
    };
    let roles = Role::ALL.map(|role| match required {
        None => "yes",
        Some((permission, act)) => permission.extent(role, act).unwrap_or("no"),
    });
    format!("{text} | {} |", roles.join(" | "))
}
