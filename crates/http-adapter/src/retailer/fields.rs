use std::borrow::Cow;

use haat_application::retailer::RetailerView;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use haat_http_core::{Fields, Problem};

/// The members of a retailer, in serialization order.
pub(super) const ALL: [&str; 13] = [
    "uid",
    "name",
    "phone",
    "region",
    "area",
    "territory",
    "distributor",
    "points",
    "routes",
    "notes",
    "updatedAt",
    "version",
    "assignedAt",
];

/// Returns the members that a caller sees.
pub(super) const fn of_view(view: RetailerView) -> &'static [&'static str] {
    match view {
        RetailerView::Full => &ALL,
        RetailerView::Owner => &[
            "uid",
            "name",
            "phone",
            "region",
            "area",
            "territory",
            "distributor",
            "points",
            "routes",
            "updatedAt",
            "version",
        ],
        RetailerView::NameAndArea => &["uid", "name", "region", "area"],
    }
}

/// The members selected by the client; all if `fields` is absent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSelection(Option<Vec<&'static str>>);

impl FieldSelection {
    /// Parses the parameter `fields` for a caller with a view. Each member must be one that the caller sees; without the
    /// parameter, all of these are selected.
    pub(super) fn of_view(query: &mut Fields, view: RetailerView) -> Self {
        let members = of_view(view);
        match Self::parse(query, members) {
            Self(None) if view != RetailerView::Full => Self(Some(members.to_vec())),
            selection => selection,
        }
    }

    /// Parses the parameter `fields`. Each member must be one of `all`.
    pub(super) fn parse(query: &mut Fields, all: &'static [&'static str]) -> Self {
        let Some(text) = query.optional_text("fields") else {
            return Self(None);
        };
        let mut selected = Vec::new();
        for word in text.split(',').map(str::trim) {
            let Some(member) = all.iter().find(|member| **member == word) else {
                query.reject(
                    "fields",
                    "invalid",
                    format!("must be a comma-separated list of some of: {}", all.join(", ")),
                    format!("এগুলো থেকে বেছে কমা দিয়ে আলাদা করে দিতে হবে: {}", all.join(", ")),
                );
                break;
            };
            selected.push(*member);
        }
        Self(Some(selected))
    }

    /// Returns the retailer with only the selected members.
    pub(super) fn apply<Retailer: Serialize>(
        &self,
        retailer: Retailer,
    ) -> Result<SparseRetailer<Retailer>, Problem> {
        let Some(selected) = &self.0 else {
            return Ok(SparseRetailer::All(Box::new(retailer)));
        };
        let mut value =
            serde_json::to_value(retailer).map_err(|error| Problem::internal(error.to_string()))?;
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| selected.contains(&name.as_str()));
        }
        Ok(SparseRetailer::Some(value))
    }
}

/// A retailer with all or some of its members.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum SparseRetailer<Retailer> {
    All(Box<Retailer>),
    Some(Value),
}

/// Documents the retailer with all its members. Those that can be left out are marked in the document.
impl<Retailer: PartialSchema> PartialSchema for SparseRetailer<Retailer> {
    fn schema() -> RefOr<Schema> {
        Retailer::schema()
    }
}

impl<Retailer: ToSchema> ToSchema for SparseRetailer<Retailer> {
    fn name() -> Cow<'static, str> {
        Retailer::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Retailer::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::dto::RetailerDto;

    #[test]
    fn selects_every_member_and_rejects_unknown_ones() {
        let schema = serde_json::to_value(<RetailerDto as utoipa::PartialSchema>::schema()).unwrap();
        let mut members: Vec<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut all = ALL;
        members.sort_unstable();
        all.sort_unstable();
        assert_eq!(members, all);
        let parse = |text: &str| {
            let mut fields = Fields::new(serde_json::json!({"fields": text}).as_object().unwrap().clone());
            (FieldSelection::parse(&mut fields, &ALL), fields.finish().is_ok())
        };
        assert_eq!(parse("uid, name"), (FieldSelection(Some(vec!["uid", "name"])), true));
        for bad in ["", "uid,", "colour", "uid;name"] {
            assert!(!parse(bad).1, "{bad}");
        }
    }
}
