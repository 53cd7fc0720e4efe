use haat_domain::shared::TextValue as _;
use haat_domain::territory::AliasedKind;
use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{Components, Object, Schema, SchemaType, Type};

use crate::shared::codes;

/// Allowed values: name of the member or parameter, schemas it applies to (all if empty), values. If the
/// option has a default, it is the first value.
const WORDS: &[(&str, &[&str], &[&str])] = &[
    ("mode", &[], &["upsert", "create", "update"]),
    ("onError", &[], &["skip", "abort"]),
    ("duplicates", &[], &["error", "last"]),
    ("ifAssigned", &[], &["share", "skip", "move"]),
    ("role", &[], &["admin", "sales_rep"]),
    ("kind", &["Batch"], &["assign", "unassign", "transfer", "undo"]),
    ("kind", &["PlaceAlias"], AliasedKind::WORDS),
    ("kind", &["ImportNewPlace"], &["region", "area", "territory", "distributor"]),
    ("action", &["CreatePlan"], &["assign", "unassign", "transfer"]),
    ("state", &["Batch"], &["planned", "applied", "undone"]),
    ("state", &["Admin", "AdminPatch", "SalesRep", "SalesRepPatch"], &["active", "disabled"]),
    (
        "state",
        &["Import", "ImportProgressState"],
        &[
            "QUEUED",
            "VALIDATING",
            "READY",
            "APPLYING",
            "SUCCEEDED",
            "PARTIAL",
            "FAILED",
            "CANCELLED",
            "UNDONE",
        ],
    ),
    ("state", &["AssignmentJob"], &["QUEUED", "RUNNING", "SUCCEEDED", "PARTIAL", "FAILED"]),
    ("state", &["AcceptedJob"], &["QUEUED"]),
    ("status", &["Health"], &["up", "down"]),
];

/// Options with a default value.
const WITH_DEFAULT: &[&str] = &["mode", "onError", "duplicates", "ifAssigned"];

/// Schemas whose members can be left out with `fields`.
const SPARSE: &[&str] = &["Retailer", "PoolRetailer"];

pub(super) fn describe_schemas(components: &mut Components) {
    for (name, schema) in &mut components.schemas {
        let RefOr::T(schema) = schema else { continue };
        for_each_object(schema, &mut |object| {
            for (property, schema) in &mut object.properties {
                if let RefOr::T(Schema::Object(member)) = schema {
                    restrict(member, property, Some(name));
                }
            }
            if SPARSE.contains(&name.as_str()) {
                object.required.clear();
            }
        });
    }
}

/// Applies a change to the object that a schema is, or to all objects it is composed of.
fn for_each_object(schema: &mut Schema, change: &mut impl FnMut(&mut Object)) {
    match schema {
        Schema::Object(object) => change(object),
        Schema::AllOf(all) => {
            for part in &mut all.items {
                if let RefOr::T(part) = part {
                    for_each_object(part, change);
                }
            }
        }
        _ => {}
    }
}

pub(super) fn describe_parameters(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter
        else {
            continue;
        };
        restrict(schema, name, None);
        if name == "limit" {
            schema.default = Some(json!(20));
        } else if schema.schema_type == SchemaType::Type(Type::Boolean) && name != "assigned" {
            schema.default = Some(json!(false));
        }
    }
}

/// Sets the allowed values of a member of the schema `of`, or of a parameter.
fn restrict(object: &mut Object, name: &str, of: Option<&str>) {
    if (of, name) == (Some("Problem"), "code") {
        object.enum_values = Some(codes::all().map(|code| json!(code.name)).collect());
        return;
    }
    let known = WORDS.iter().find(|(word, of_schemas, _)| {
        *word == name && (of_schemas.is_empty() || of.is_some_and(|of| of_schemas.contains(&of)))
    });
    let Some((_, _, words)) = known else { return };
    let mut values: Vec<Value> = words.iter().map(|word| json!(word)).collect();
    if matches!(&object.schema_type, SchemaType::Array(types) if types.contains(&Type::Null)) {
        values.push(Value::Null);
    } else if WITH_DEFAULT.contains(&name) && object.default.is_none() && of.is_none() {
        object.default = values.first().cloned();
    }
    object.enum_values = Some(values);
}
