//! The grants of users as the database lists them.

use haat_domain::auth::{Grant, GrantTarget, Grants};
use haat_domain::shared::{Role, StorageFailure};

use super::inconsistent;

diesel::define_sql_function! {
    /// The grants of a user, each as `role` or `role:target`.
    fn user_grants(tenant: diesel::sql_types::BigInt, grantee: diesel::sql_types::BigInt) -> diesel::sql_types::Array<diesel::sql_types::Text>;
}

/// Returns the grants of a user with this role: those that [`user_grants`] returns for a scoped user; otherwise `None`, which
/// stands for the role alone.
///
/// # Errors
/// [`StorageFailure::Inconsistent`] if a grant is invalid.
pub fn grants(role: Role, scoped: Option<Vec<String>>) -> Result<Grants, StorageFailure> {
    let Some(scoped) = scoped else { return Ok(Grants::Role(role)) };
    let grants = scoped.iter().map(|text| {
        grant(text).ok_or_else(|| inconsistent("user_roles", "role", "not a role with its target"))
    });
    Ok(Grants::of(grants.collect::<Result<_, _>>()?))
}

fn grant(text: &str) -> Option<Grant> {
    let (role, id) = text.split_once(':').map_or((text, None), |(role, id)| (role, Some(id)));
    let role = Role::from_name(role)?;
    let target = match id {
        None => None,
        Some(id) => Some(GrantTarget::new(role.target()?, id.parse().ok()?)),
    };
    Grant::new(role, target)
}

#[cfg(test)]
mod tests {
    use haat_domain::shared::AreaId;

    use super::*;

    #[test]
    fn reads_the_format_of_the_database() {
        let grants = |texts: &[&str]| {
            super::grants(Role::AreaManager, Some(texts.iter().map(|text| (*text).to_owned()).collect()))
        };
        assert_eq!(super::grants(Role::Admin, None), Ok(Grants::Role(Role::Admin)));
        assert_eq!(grants(&["sales_rep"]), Ok(Grants::Role(Role::SalesRep)));
        let area = Grant::new(Role::AreaManager, Some(GrantTarget::Area(AreaId::new(3)))).unwrap();
        assert_eq!(grants(&["area_manager:3"]), Ok(Grants::of(vec![area])));
        assert_eq!(grants(&[]).unwrap().iter().count(), 0);
        for bad in ["", "boss", "area_manager", "area_manager:", "area_manager:x", "admin:3"] {
            assert!(grants(&[bad]).is_err(), "{bad}");
        }
    }
}
