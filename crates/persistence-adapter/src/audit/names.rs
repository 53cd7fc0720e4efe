//! The names beside the ids in audit entries.

use std::collections::{BTreeSet, HashMap};

use diesel::sql_types::{Array, BigInt, Text};
use haat_domain::audit::AuditEntity;
use serde_json::{Map, Value};

use crate::shared::statement;

statement! {
    /// Selects the names of entities.
    SelectNames = "names.sql" -> (Text, Text, Text) {
        tenant: i64 as BigInt,
        kinds: Vec<&'static str> as Array<Text>,
        ids: Vec<String> as Array<Text>,
    }
}

/// An entity: its type and its id (a retailer's uid).
type Entity = (&'static str, String);

/// The members of stored values that are ids, and what they identify.
const ID_MEMBERS: &[(&str, AuditEntity)] = &[
    ("region", AuditEntity::Region),
    ("area", AuditEntity::Area),
    ("territory", AuditEntity::Territory),
    ("distributor", AuditEntity::Distributor),
    ("user", AuditEntity::User),
];

/// The types with names of their own.
const NAMED: &[AuditEntity] = &[
    AuditEntity::Retailer,
    AuditEntity::User,
    AuditEntity::Region,
    AuditEntity::Area,
    AuditEntity::Territory,
    AuditEntity::Distributor,
    AuditEntity::Import,
    AuditEntity::Team,
    AuditEntity::Tenant,
];

/// The entities that audit entries mention.
#[derive(Default)]
pub(super) struct Mentioned(BTreeSet<Entity>);

impl Mentioned {
    /// Adds the entity of an entry.
    pub(super) fn add_entity(&mut self, entity: &str, id: Option<&str>) {
        self.0.extend(id.and_then(|id| named(entity, id)));
    }

    /// Adds the entities that stored values mention.
    pub(super) fn add_values(&mut self, values: Option<&Value>) {
        self.0.extend(values.and_then(Value::as_object).into_iter().flat_map(ids).map(|(_, entity)| entity));
    }

    /// Returns the statement that selects their names.
    pub(super) fn select(self, tenant: i64) -> SelectNames {
        let (kinds, ids) = self.0.into_iter().unzip();
        SelectNames { tenant, kinds, ids }
    }
}

/// Names by entity type and id.
pub(super) struct Names(HashMap<(String, String), String>);

impl FromIterator<(String, String, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (String, String, String)>>(rows: I) -> Self {
        Self(rows.into_iter().map(|(kind, id, name)| ((kind, id), name)).collect())
    }
}

impl Names {
    /// Returns the name of the entity of an entry, or the name in its values if the entity no longer exists.
    pub(super) fn entity(
        &self,
        (entity, id): (&str, Option<&str>),
        [before, after]: [Option<&Value>; 2],
    ) -> Option<String> {
        let current = id.and_then(|id| self.0.get(&(entity.to_owned(), id.to_owned()))).cloned();
        let stored = |values: Option<&Value>| {
            let member = if entity == AuditEntity::PlaceAlias.as_str() { "alias" } else { "name" };
            Some(values?.get(member)?.as_str()?.to_owned())
        };
        current.or_else(|| stored(after)).or_else(|| stored(before))
    }

    /// Adds a name beside each id in stored values: `territoryName` beside `territory`, `null` if it no longer exists.
    pub(super) fn add_to(&self, values: &mut Value) {
        let Value::Object(members) = values else { return };
        let named: Vec<_> = ids(members)
            .map(|(member, (kind, id))| {
                let name = self.0.get(&(kind.to_owned(), id)).cloned();
                (format!("{member}Name"), name.map_or(Value::Null, Value::String))
            })
            .collect();
        members.extend(named);
    }
}

/// Returns the members that are ids, with the entities that they identify.
fn ids(members: &Map<String, Value>) -> impl Iterator<Item = (&str, Entity)> {
    let fixed = ID_MEMBERS.iter().map(|(member, entity)| (*member, entity.as_str()));
    // The place of an alternative spelling is of the kind that the member beside it names.
    let of_alias = members.get("kind").and_then(Value::as_str).map(|kind| ("place", kind));
    fixed.chain(of_alias).filter_map(|(member, kind)| {
        let id = members.get(member)?.as_i64()?.to_string();
        Some((member, named(kind, &id)?))
    })
}

/// Returns the entity if its type has names.
fn named(kind: &str, id: &str) -> Option<Entity> {
    let entity = NAMED.iter().find(|entity| entity.as_str() == kind)?;
    let valid = *entity == AuditEntity::Retailer || id.parse::<i64>().is_ok();
    valid.then(|| (entity.as_str(), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        [("territory", "3", "Gulshan"), ("area", "2", "Dhaka North"), ("retailer", "RTL-1", "New name")]
            .into_iter()
            .map(|(kind, id, name)| (kind.to_owned(), id.to_owned(), name.to_owned()))
            .collect()
    }

    #[test]
    fn names_stand_beside_ids() {
        let mut values = json!({"territory": 3, "distributor": 9, "region": null, "points": 3});
        names().add_to(&mut values);
        let expected = json!({
            "territory": 3, "territoryName": "Gulshan", "distributor": 9, "distributorName": null, "region": null, "points": 3,
        });
        assert_eq!(values, expected);
        let mut alias = json!({"kind": "area", "place": 2, "alias": "DN"});
        names().add_to(&mut alias);
        assert_eq!(alias["placeName"], "Dhaka North");
    }

    #[test]
    fn a_deleted_entity_has_the_name_in_its_entry() {
        let (old, new) = (json!({"name": "Old name"}), json!({"name": "Stored name"}));
        let name = |entity, before, after| names().entity(entity, [before, after]);
        assert_eq!(name(("retailer", Some("RTL-1")), None, Some(&new)).as_deref(), Some("New name"));
        assert_eq!(name(("retailer", Some("RTL-2")), Some(&old), Some(&new)).as_deref(), Some("Stored name"));
        assert_eq!(name(("retailer", Some("RTL-2")), Some(&old), None).as_deref(), Some("Old name"));
        assert_eq!(name(("batch", Some("3")), None, None), None);
        let alias = json!({"alias": "DN"});
        assert_eq!(name(("place-alias", Some("3")), None, Some(&alias)).as_deref(), Some("DN"));
    }

    #[test]
    fn mentions_only_entities_with_valid_ids() {
        let mut mentioned = Mentioned::default();
        mentioned.add_entity("user", Some("7"));
        mentioned.add_entity("user", Some("x"));
        mentioned.add_entity("session", Some("7"));
        mentioned.add_values(Some(&json!({"territory": 3, "kind": "nonsense", "place": 4})));
        mentioned.add_values(Some(&json!({"territory": 3})));
        let statement = mentioned.select(1);
        assert_eq!(
            (statement.kinds, statement.ids),
            (vec!["territory", "user"], vec!["3".into(), "7".into()])
        );
    }
}
