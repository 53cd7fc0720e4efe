//! Grants in request bodies.

use haat_domain::auth::GrantTarget;
use haat_domain::people::{RequestedGrant, TargetName};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{Role, TargetKind, bangla_digits};
use haat_http_core::{Fields, MemberValue, whole_number};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};

/// The largest number of grants in a request.
const MAX_GRANTS: usize = 1_000;

/// The grants of a request, one for each target.
#[derive(Debug, Clone)]
pub(super) struct Grants(pub(super) Vec<RequestedGrant>);

impl MemberValue for Grants {
    fn read(fields: &mut Fields, name: &str, json: Value) -> Option<Self> {
        let items = fields.items(name, json)?;
        let read: Vec<Option<Vec<RequestedGrant>>> = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| grants(fields, &format!("{name}[{index}]"), item))
            .collect();
        let grants: Vec<RequestedGrant> = read.into_iter().collect::<Option<Vec<_>>>()?.concat();
        if grants.len() > MAX_GRANTS {
            let (en, bn) = (
                format!("must not have more than {MAX_GRANTS} grants"),
                format!("{}টির বেশি ভূমিকা দেওয়া যাবে না", bangla_digits(MAX_GRANTS)),
            );
            fields.reject(name, "too-many", en, bn);
            return None;
        }
        Some(Self(grants))
    }

    fn schema() -> Schema {
        let role =
            || ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Role::WORDS.iter().copied()));
        let ids = || ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::Integer));
        let uids = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String));
        let grant = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("role", role())
            .required("role")
            .property("regions", ids().description(Some("Ids, for `regional_manager`.")))
            .property("areas", ids().description(Some("Ids, for `area_manager`.")))
            .property("teams", ids().description(Some("Ids, for `team_leader`.")))
            .property("distributors", ids().description(Some("Ids, for `distributor_user`.")))
            .property("retailers", uids.description(Some("Uids, for `retailer_user`.")));
        let item = OneOfBuilder::new().item(role()).item(grant);
        Schema::Array(ArrayBuilder::new().items(item).max_items(Some(MAX_GRANTS)).build())
    }
}

/// Reads a role without targets, or an object with a role and its targets.
fn grants(fields: &mut Fields, path: &str, item: Value) -> Option<Vec<RequestedGrant>> {
    match item {
        Value::String(word) => {
            let role = role(fields, path, &word)?;
            match role.target() {
                None => Some(vec![RequestedGrant { role, target: None }]),
                Some(kind) => {
                    reject_missing(fields, &format!("{path}.{}", kind.plural()), kind);
                    None
                }
            }
        }
        object => fields.nested(path, object, |fields| {
            let word = fields.text("role")?;
            let role = role(fields, "role", &word)?;
            match role.target() {
                None => Some(vec![RequestedGrant { role, target: None }]),
                Some(kind) => targets(fields, role, kind),
            }
        }),
    }
}

fn role(fields: &mut Fields, name: &str, word: &str) -> Option<Role> {
    let role = Role::parse(word);
    if role.is_none() {
        let words = Role::WORDS.join(", ");
        fields.reject(
            name,
            "invalid",
            format!("must be one of {words}"),
            format!("এগুলোর একটি হতে হবে: {words}"),
        );
    }
    role
}

fn reject_missing(fields: &mut Fields, name: &str, kind: TargetKind) {
    let bangla = match kind {
        TargetKind::Region => "অঞ্চল",
        TargetKind::Area => "এলাকা",
        TargetKind::Team => "দল",
        TargetKind::Distributor => "পরিবেশক",
        TargetKind::Retailer => "দোকান",
    };
    let (en, bn) =
        (format!("must have at least one {}", kind.as_str()), format!("অন্তত একটি {bangla} দিতে হবে"));
    fields.reject(name, "target-required", en, bn);
}

/// Reads the targets of a role: ids or, of retailers, uids.
fn targets(fields: &mut Fields, role: Role, kind: TargetKind) -> Option<Vec<RequestedGrant>> {
    let name = kind.plural();
    let items = match fields.take(name) {
        None => Vec::new(),
        Some(json) => fields.items(name, json)?,
    };
    if items.is_empty() {
        reject_missing(fields, name, kind);
        return None;
    }
    let grants: Vec<Option<RequestedGrant>> = items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let target = match kind {
                TargetKind::Retailer => {
                    item.as_str().and_then(|uid| RetailerUid::parse(uid).ok()).map(TargetName::Retailer)
                }
                kind => whole_number(item).map(|id| TargetName::Id(GrantTarget::new(kind, id))),
            };
            if target.is_none() {
                let (en, bn) = if kind == TargetKind::Retailer {
                    ("must be the uid of a retailer", "একটি দোকানের আইডি হতে হবে")
                } else {
                    ("must be an id", "আইডি হতে হবে")
                };
                fields.reject(&format!("{name}[{index}]"), "invalid", en, bn);
            }
            target.map(|target| RequestedGrant { role, target: Some(target) })
        })
        .collect();
    grants.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> (Option<Vec<RequestedGrant>>, Vec<(String, &'static str)>) {
        let mut fields = Fields::default();
        let grants = Grants::read(&mut fields, "roles", json).map(|grants| grants.0);
        let errors = fields.finish().map_or_else(|problem| problem.errors, |()| Vec::new());
        (grants, errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect())
    }

    #[test]
    fn reads_roles_with_and_without_targets() {
        let (grants, errors) = read(json!([
            "admin", {"role": "SR"}, {"role": "area_manager", "areas": [3, 4]}, {"role": "buyer", "retailers": ["RTL-1"]}
        ]));
        assert_eq!(errors, []);
        let area = |id| TargetName::Id(GrantTarget::new(TargetKind::Area, id));
        let grant = |role, target| RequestedGrant { role, target };
        let expected = vec![
            grant(Role::Admin, None),
            grant(Role::SalesRep, None),
            grant(Role::AreaManager, Some(area(3))),
            grant(Role::AreaManager, Some(area(4))),
            grant(Role::RetailerUser, RetailerUid::parse("RTL-1").ok().map(TargetName::Retailer)),
        ];
        assert_eq!(grants, Some(expected));
    }

    #[test]
    fn names_the_field_of_each_error() {
        let (grants, errors) = read(json!([
            "boss", "area_manager", {"role": "team_leader"}, {"role": "admin", "areas": [3]}, {"areas": [3]},
            {"role": "area_manager", "areas": ["x", 3]}, {"role": "regional_manager", "regions": 3}, 7
        ]));
        assert_eq!(grants, None);
        let expected = [
            ("roles[0]", "invalid"),
            ("roles[1].areas", "target-required"),
            ("roles[2].teams", "target-required"),
            ("roles[3].areas", "unknown-field"),
            ("roles[4].role", "required"),
            ("roles[4].areas", "unknown-field"),
            ("roles[5].areas[0]", "invalid"),
            ("roles[6].regions", "wrong-type"),
            ("roles[7]", "wrong-type"),
        ];
        assert_eq!(errors, expected.map(|(field, code)| (field.to_owned(), code)));
        assert_eq!(read(json!("admin")).1, [("roles".to_owned(), "wrong-type")]);
    }
}
