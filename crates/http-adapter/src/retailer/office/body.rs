//! The bodies of the office's changes of shops.

use haat_domain::retailer::{NewRetailer, Notes, Points, RetailerEdit, RetailerUid, Routes, ShopName};
use haat_domain::shared::{DistributorId, Phone, TerritoryId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::shared::{Fields, Problem};

/// A shop to be added.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewRetailer)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member to tell everything wrong at once"
)]
pub(super) struct NewRetailerBody {
    /// What it is called for ever: 1 to 40 letters, digits, `-`, `_` or `.`.
    #[schema(max_length = 40, example = "BD-0004711")]
    uid: String,
    /// Name.
    #[schema(max_length = 200, example = "M/S Rahim Store")]
    name: String,
    /// The id of the territory it lies in; area and region follow.
    #[schema(example = 3)]
    territory: i64,
    /// Phone, in any usual spelling.
    #[schema(nullable, example = "01711-234567")]
    phone: Option<String>,
    /// The id of who delivers.
    #[schema(nullable, example = 1)]
    distributor: Option<i64>,
    /// Loyalty points.
    #[schema(minimum = 0, maximum = 1_000_000_000, default = 0, nullable = false)]
    points: Option<i64>,
    /// The routes on which it is visited.
    #[schema(max_items = 20, nullable)]
    routes: Option<Vec<String>>,
    /// What is worth knowing of it.
    #[schema(max_length = 2000, nullable)]
    notes: Option<String>,
}

/// New values for a shop. What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = RetailerEdit)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct RetailerEditBody {
    /// Name.
    #[schema(max_length = 200, nullable = false, example = "M/S Rahim Store")]
    name: Option<String>,
    /// The id of the territory it lies in; area and region follow.
    #[schema(nullable = false)]
    territory: Option<i64>,
    /// Phone, in any usual spelling; `null` clears it.
    #[schema(nullable)]
    phone: Option<String>,
    /// The id of who delivers; `null`: nobody.
    #[schema(nullable)]
    distributor: Option<i64>,
    /// Loyalty points.
    #[schema(minimum = 0, maximum = 1_000_000_000, nullable = false)]
    points: Option<i64>,
    /// The routes on which it is visited; `null` clears them.
    #[schema(max_items = 20, nullable)]
    routes: Option<Vec<String>>,
    /// What is worth knowing of it; `null` clears it.
    #[schema(max_length = 2000, nullable)]
    notes: Option<String>,
}

/// Reads a new shop.
pub(super) fn new_retailer(mut body: Fields, query: Fields) -> Result<NewRetailer, Problem> {
    let uid = body.nullable_text("uid", |text| RetailerUid::parse_new(text.unwrap_or_default()));
    let edit = read(&mut body);
    for (name, missing) in
        [("uid", uid.is_none()), ("name", edit.name.is_none()), ("territory", edit.territory.is_none())]
    {
        if missing && !body.is_refused(name) {
            body.refuse(name, "required", "is required", "দিতে হবে");
        }
    }
    body.finish_with(query)?;
    let no_points = || Points::parse(0).ok();
    let (Some(uid), Some(name), Some(territory), Some(points)) =
        (uid, edit.name, edit.territory, edit.points.or_else(no_points))
    else {
        return Err(Problem::internal("a member that is there was not read"));
    };
    Ok(NewRetailer {
        uid,
        name,
        phone: edit.phone.flatten(),
        territory,
        distributor: edit.distributor.flatten(),
        points,
        routes: edit.routes.unwrap_or_default(),
        notes: edit.notes.flatten(),
    })
}

/// Reads an edit.
pub(super) fn edit(mut body: Fields, query: Fields) -> Result<RetailerEdit, Problem> {
    let edit = read(&mut body);
    body.finish_with(query)?;
    Ok(edit)
}

fn read(body: &mut Fields) -> RetailerEdit {
    RetailerEdit {
        name: body.nullable_text("name", |text| ShopName::parse(text.unwrap_or_default())),
        territory: body.number("territory", |id| id_of(id).map(TerritoryId::new)),
        phone: body.nullable_text("phone", |text| text.map(Phone::parse).transpose()),
        distributor: body
            .nullable_number("distributor", |id| id.map(id_of).transpose())
            .map(|id| id.map(DistributorId::new)),
        points: body.number("points", Points::parse),
        routes: body.texts("routes", |texts| match texts {
            Some(texts) => Routes::parse(texts.iter().map(String::as_str)),
            None => Ok(Routes::default()),
        }),
        notes: body.nullable_text("notes", |text| match text {
            Some(text) => Notes::parse(text),
            None => Ok(None),
        }),
    }
}

fn id_of(number: i64) -> Result<i64, &'static str> {
    if number > 0 { Ok(number) } else { Err("must be an id") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: &serde_json::Value) -> Fields {
        Fields::new(body.as_object().unwrap().clone())
    }

    fn faults<T>(read: Result<T, Problem>) -> Vec<(String, &'static str)> {
        let errors = read.err().map(|problem| problem.errors).unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn a_new_shop_needs_uid_name_and_territory() {
        let shop = json!({"uid": " A-1 ", "name": " মা ", "territory": 3});
        let shop = new_retailer(fields(&shop), fields(&json!({}))).unwrap();
        assert_eq!((shop.uid.as_str(), shop.name.as_str(), shop.territory.get()), ("A-1", "মা", 3));
        assert_eq!((shop.phone, shop.distributor, shop.points.get(), shop.notes), (None, None, 0, None));
        let missing = faults(new_retailer(fields(&json!({})), fields(&json!({"x": "1"}))));
        let expected =
            [("uid", "required"), ("name", "required"), ("territory", "required"), ("x", "unknown-field")];
        assert_eq!(missing, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn absent_is_unchanged_and_null_is_cleared() {
        assert_eq!(edit(fields(&json!({})), fields(&json!({}))).unwrap(), RetailerEdit::default());
        let nulls = json!({"phone": null, "distributor": null, "routes": null, "notes": null});
        let cleared = edit(fields(&nulls), fields(&json!({}))).unwrap();
        let expected = RetailerEdit {
            phone: Some(None),
            distributor: Some(None),
            routes: Some(Routes::default()),
            notes: Some(None),
            ..RetailerEdit::default()
        };
        assert_eq!(cleared, expected);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        for (body, expected) in [
            (json!({"name": null}), vec![("name", "invalid")]),
            (json!({"name": "  "}), vec![("name", "invalid")]),
            (json!({"name": "a\u{0}"}), vec![("name", "invalid")]),
            (json!({"name": "ক".repeat(300)}), vec![("name", "invalid")]),
            (json!({"territory": null}), vec![("territory", "required")]),
            (json!({"territory": "3"}), vec![("territory", "wrong-type")]),
            (json!({"territory": 0}), vec![("territory", "invalid")]),
            (json!({"distributor": "x"}), vec![("distributor", "wrong-type")]),
            (json!({"distributor": -1}), vec![("distributor", "invalid")]),
            (json!({"distributor": 1.5}), vec![("distributor", "wrong-type")]),
            (json!({"phone": "12"}), vec![("phone", "invalid")]),
            (json!({"routes": ["A;B"]}), vec![("routes", "invalid")]),
            (
                json!({"uid": "B", "name": 1, "points": -1, "region": 1, "version": 2}),
                vec![
                    ("name", "wrong-type"),
                    ("points", "invalid"),
                    ("region", "unknown-field"),
                    ("uid", "unknown-field"),
                    ("version", "unknown-field"),
                ],
            ),
        ] {
            let mut found = faults(edit(fields(&body), fields(&json!({}))));
            found.sort_by_key(|(field, _)| {
                (field.as_str() != "name", field.as_str() != "points", field.clone())
            });
            let expected: Vec<_> =
                expected.into_iter().map(|(field, code)| (field.to_owned(), code)).collect();
            assert_eq!(found, expected, "{body}");
        }
    }
}
