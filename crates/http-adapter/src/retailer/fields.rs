use serde::Serialize;
use serde_json::Value;

use crate::shared::{Fields, Problem};

/// The members of a shop, in the order in which it is written.
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

/// The members that a client wants; all where it did not say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted(Option<Vec<&'static str>>);

impl Wanted {
    /// The parameter `fields`, of which each must be one of `all`.
    pub(super) fn parse(query: &mut Fields, all: &'static [&'static str]) -> Self {
        let Some(text) = query.optional_text("fields") else {
            return Self(None);
        };
        let mut wanted = Vec::new();
        for word in text.split(',').map(str::trim) {
            let Some(member) = all.iter().find(|member| **member == word) else {
                query.refuse(
                    "fields",
                    "invalid",
                    format!("must be some of {}, with commas between", all.join(", ")),
                    format!("{} থেকে বেছে নিতে হবে, মাঝে কমা দিয়ে", all.join(", ")),
                );
                break;
            };
            wanted.push(*member);
        }
        Self(Some(wanted))
    }

    /// A shop with no other members.
    pub(super) fn of<Shop: Serialize>(&self, shop: Shop) -> Result<Shown<Shop>, Problem> {
        let Some(wanted) = &self.0 else {
            return Ok(Shown::All(Box::new(shop)));
        };
        let mut value = serde_json::to_value(shop).map_err(|error| Problem::internal(error.to_string()))?;
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| wanted.contains(&name.as_str()));
        }
        Ok(Shown::Some(value))
    }
}

/// A shop, or some of its members.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Shown<Shop> {
    All(Box<Shop>),
    Some(Value),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::dto::RetailerDto;

    #[test]
    fn every_member_can_be_wanted_and_nothing_else() {
        let schema = serde_json::to_value(<RetailerDto as utoipa::PartialSchema>::schema()).unwrap();
        let mut members: Vec<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut all = ALL;
        members.sort_unstable();
        all.sort_unstable();
        assert_eq!(members, all);
        let parse = |text: &str| {
            let mut fields = Fields::new(serde_json::json!({"fields": text}).as_object().unwrap().clone());
            (Wanted::parse(&mut fields, &ALL), fields.finish().is_ok())
        };
        assert_eq!(parse("uid, name"), (Wanted(Some(vec!["uid", "name"])), true));
        for bad in ["", "uid,", "colour", "uid;name"] {
            assert!(!parse(bad).1, "{bad}");
        }
    }
}
