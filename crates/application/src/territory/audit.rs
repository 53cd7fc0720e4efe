//! How the audit log tells of places.

use haat_domain::audit::Snapshot;
use haat_domain::territory::{Place, PlaceAlias, PlaceKind};

/// What was done to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Create,
    Update,
    Move,
    Delete,
}

/// The action, as `kind.verb`.
pub(super) const fn action(kind: PlaceKind, deed: Deed) -> &'static str {
    use PlaceKind::{Area, Distributor, Region, Territory};
    match (kind, deed) {
        (Region, Deed::Create) => "region.create",
        (Region, Deed::Update) => "region.update",
        (Region, Deed::Move) => "region.move",
        (Region, Deed::Delete) => "region.delete",
        (Area, Deed::Create) => "area.create",
        (Area, Deed::Update) => "area.update",
        (Area, Deed::Move) => "area.move",
        (Area, Deed::Delete) => "area.delete",
        (Territory, Deed::Create) => "territory.create",
        (Territory, Deed::Update) => "territory.update",
        (Territory, Deed::Move) => "territory.move",
        (Territory, Deed::Delete) => "territory.delete",
        (Distributor, Deed::Create) => "distributor.create",
        (Distributor, Deed::Update) => "distributor.update",
        (Distributor, Deed::Move) => "distributor.move",
        (Distributor, Deed::Delete) => "distributor.delete",
    }
}

/// What is kept of a place.
pub(super) fn snapshot(kind: PlaceKind, place: &Place) -> Snapshot {
    let mut members = vec![
        ("name", (&*place.name).into()),
        ("nameBn", place.name_bn.as_deref().into()),
        ("version", place.version.into()),
    ];
    if let Some(parent) = kind.parent() {
        members.push((parent.as_str(), place.parent.into()));
    }
    members
}

/// What is kept of another spelling of a place.
pub(super) fn alias_snapshot(alias: &PlaceAlias) -> Snapshot {
    vec![
        ("kind", alias.kind.get().as_str().into()),
        ("place", alias.place.id.into()),
        ("alias", (&*alias.alias).into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_begins_with_its_entity() {
        for kind in PlaceKind::ALL {
            for deed in [Deed::Create, Deed::Update, Deed::Move, Deed::Delete] {
                let (entity, verb) = action(kind, deed).split_once('.').unwrap();
                assert_eq!((entity, verb), (kind.as_str(), &*format!("{deed:?}").to_lowercase()));
            }
        }
    }
}
