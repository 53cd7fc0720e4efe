//! The request bodies that create and update retailers of the pool.

use haat_domain::retailer::{
    NewRetailer, Notes, Points, PoolRetailerPatch, RetailerName, RetailerUid, Routes,
};
use haat_domain::shared::{DistributorId, Phone, TerritoryId};
use serde::Deserialize;
use utoipa::ToSchema;

use haat_http_core::{Body, Fields, Invalid};

/// A retailer to create.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewRetailer)]
#[expect(
    dead_code,
    reason = "documents the body, which is parsed member by member to report all errors at once"
)]
pub(super) struct NewRetailerBody {
    /// Permanent uid: 1 to 40 letters, digits, `-`, `_` or `.`.
    #[schema(max_length = 40, example = "BD-0004711")]
    uid: String,
    /// Name.
    #[schema(max_length = 200, example = "M/S Rahim Store")]
    name: String,
    /// Territory id; area and region follow from it.
    #[schema(example = 3)]
    territory: i64,
    /// Phone number, in any common format.
    #[schema(nullable, example = "01711-234567")]
    phone: Option<String>,
    /// Id of the distributor that delivers to the retailer.
    #[schema(nullable, example = 1)]
    distributor: Option<i64>,
    /// Loyalty points.
    #[schema(minimum = 0, maximum = 1_000_000_000, default = 0, nullable = false)]
    points: Option<i64>,
    /// The routes on which the retailer is visited.
    #[schema(max_items = 20, nullable)]
    routes: Option<Vec<String>>,
    /// Notes.
    #[schema(max_length = 2000, nullable)]
    notes: Option<String>,
}

/// New values for a retailer. Absent members are left unchanged.
#[derive(Deserialize, ToSchema)]
#[schema(as = PoolRetailerPatch)]
#[expect(dead_code, reason = "documents the body")]
pub(super) struct PoolRetailerPatchBody {
    /// Name.
    #[schema(max_length = 200, nullable = false, example = "M/S Rahim Store")]
    name: Option<String>,
    /// Territory id; area and region follow from it.
    #[schema(nullable = false)]
    territory: Option<i64>,
    /// Phone number, in any common format; `null` clears it.
    #[schema(nullable)]
    phone: Option<String>,
    /// Id of the distributor that delivers to the retailer; `null` clears it.
    #[schema(nullable)]
    distributor: Option<i64>,
    /// Loyalty points.
    #[schema(minimum = 0, maximum = 1_000_000_000, nullable = false)]
    points: Option<i64>,
    /// The routes on which the retailer is visited; `null` clears them.
    #[schema(max_items = 20, nullable)]
    routes: Option<Vec<String>>,
    /// Notes; `null` clears them.
    #[schema(max_length = 2000, nullable)]
    notes: Option<String>,
}

impl Body for NewRetailerBody {
    type Value = NewRetailer;

    fn read(fields: &mut Fields) -> Option<NewRetailer> {
        let uid = fields.nullable_text("uid", |text| RetailerUid::parse_new(text.unwrap_or_default()));
        let PoolRetailerPatch { name, phone, territory, distributor, points, routes, notes } =
            parse_members(fields);
        for (member, missing) in
            [("uid", uid.is_none()), ("name", name.is_none()), ("territory", territory.is_none())]
        {
            if missing {
                fields.require(member);
            }
        }
        Some(NewRetailer {
            uid: uid?,
            name: name?,
            phone: phone.flatten(),
            territory: territory?,
            distributor: distributor.flatten(),
            points: points.unwrap_or_default(),
            routes: routes.unwrap_or_default(),
            notes: notes.flatten(),
        })
    }
}

impl Body for PoolRetailerPatchBody {
    type Value = PoolRetailerPatch;

    fn read(fields: &mut Fields) -> Option<PoolRetailerPatch> {
        Some(parse_members(fields))
    }
}

fn parse_members(body: &mut Fields) -> PoolRetailerPatch {
    PoolRetailerPatch {
        name: body.nullable_text("name", |text| RetailerName::parse(text.unwrap_or_default())),
        territory: body.number("territory", |id| positive_id(id).map(TerritoryId::new)),
        phone: body.nullable_text("phone", |text| text.map(Phone::parse).transpose()),
        distributor: body
            .nullable_number("distributor", |id| id.map(positive_id).transpose())
            .map(|id| id.map(DistributorId::new)),
        points: body.number("points", Points::parse),
        routes: body.texts_or_cell("routes", |texts| match texts {
            Some(texts) => Routes::parse(texts.iter().map(String::as_str)),
            None => Ok(Routes::default()),
        }),
        notes: body.nullable_text("notes", |text| match text {
            Some(text) => Notes::parse(text),
            None => Ok(None),
        }),
    }
}

fn positive_id(number: i64) -> Result<i64, Invalid> {
    if number > 0 {
        Ok(number)
    } else {
        Err(Invalid("must be a positive id", "একটি ধনাত্মক id হতে হবে"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Reads a body, and returns it with the fields that have errors.
    fn read<B: Body>(body: &serde_json::Value) -> (Option<B::Value>, Vec<(String, &'static str)>) {
        let mut fields = Fields::new(body.as_object().unwrap().clone());
        let body = B::read(&mut fields);
        let errors = fields.finish().err().map(|problem| problem.errors).unwrap_or_default();
        (body, errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect())
    }

    #[test]
    fn new_retailer_requires_uid_name_and_territory() {
        let pool_retailer = json!({"uid": " A-1 ", "name": " মা ", "territory": 3});
        let pool_retailer = read::<NewRetailerBody>(&pool_retailer).0.unwrap();
        assert_eq!(
            (pool_retailer.uid.as_str(), pool_retailer.name.as_str(), pool_retailer.territory.get()),
            ("A-1", "মা", 3)
        );
        assert_eq!(
            (pool_retailer.phone, pool_retailer.distributor, pool_retailer.points.get(), pool_retailer.notes),
            (None, None, 0, None)
        );
        let (body, missing) = read::<NewRetailerBody>(&json!({}));
        let expected = ["uid", "name", "territory"].map(|field| (field.to_owned(), "required"));
        assert_eq!((body, missing), (None, expected.to_vec()));
    }

    #[test]
    fn absent_members_are_unchanged_and_null_clears() {
        assert_eq!(read::<PoolRetailerPatchBody>(&json!({})), (Some(PoolRetailerPatch::default()), vec![]));
        let nulls = json!({"phone": null, "distributor": null, "routes": null, "notes": null});
        let expected = PoolRetailerPatch {
            phone: Some(None),
            distributor: Some(None),
            routes: Some(Routes::default()),
            notes: Some(None),
            ..PoolRetailerPatch::default()
        };
        assert_eq!(read::<PoolRetailerPatchBody>(&nulls), (Some(expected), vec![]));
    }

    #[test]
    fn reports_all_invalid_fields_at_once() {
        for (body, expected) in [
            (json!({"name": null}), vec![("name", "required")]),
            (json!({"name": "  "}), vec![("name", "required")]),
            (json!({"name": "a\u{0}"}), vec![("name", "invalid-characters")]),
            (json!({"name": "ক".repeat(300)}), vec![("name", "too-long")]),
            (json!({"territory": null}), vec![("territory", "required")]),
            (json!({"territory": "3"}), vec![("territory", "wrong-type")]),
            (json!({"territory": 0}), vec![("territory", "invalid")]),
            (json!({"distributor": "x"}), vec![("distributor", "wrong-type")]),
            (json!({"distributor": -1}), vec![("distributor", "invalid")]),
            (json!({"distributor": 1.5}), vec![("distributor", "wrong-type")]),
            (json!({"phone": "12"}), vec![("phone", "invalid-phone")]),
            (json!({"routes": ["A;B"]}), vec![("routes", "invalid-characters")]),
            (
                json!({"uid": "B", "name": 1, "points": -1, "region": 1, "version": 2}),
                vec![
                    ("name", "wrong-type"),
                    ("points", "out-of-range"),
                    ("region", "unknown-field"),
                    ("uid", "unknown-field"),
                    ("version", "unknown-field"),
                ],
            ),
        ] {
            let (_, mut actual) = read::<PoolRetailerPatchBody>(&body);
            actual.sort_by_key(|(field, _)| {
                (field.as_str() != "name", field.as_str() != "points", field.clone())
            });
            let expected: Vec<_> =
                expected.into_iter().map(|(field, code)| (field.to_owned(), code)).collect();
            assert_eq!(actual, expected, "{body}");
        }
    }
}
