use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{Components, Object, Schema, SchemaType, Type};

use crate::{Context, Words, codes};

/// Sets the allowed words of members, and the codes of problems.
pub(super) fn describe_schemas(components: &mut Components, words: &[Words], contexts: &[Context]) {
    if let Some(RefOr::T(Schema::Object(problem))) = components.schemas.get_mut("Problem")
        && let Some(RefOr::T(Schema::Object(code))) = problem.properties.get_mut("code")
    {
        code.enum_values = Some(problem_codes(contexts));
    }
    for (name, schema) in &mut components.schemas {
        let RefOr::T(schema) = schema else { continue };
        for_each_object(schema, &mut |object| {
            for (property, schema) in &mut object.properties {
                if let RefOr::T(Schema::Object(member)) = schema {
                    restrict(member, property, Of::Schema(name), words);
                }
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

/// Sets the allowed words and the defaults of parameters.
pub(super) fn describe_parameters(operation: &mut Operation, words: &[Words]) {
    let bodies = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let has_options_in_body = bodies.contains(&"text/csv") && bodies.len() > 1;
    let id = super::id(operation).to_owned();
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter
        else {
            continue;
        };
        restrict(schema, name, Of::Operation(&id), words);
        if name == "limit" {
            schema.default = Some(json!(20));
        } else if schema.schema_type == SchemaType::Type(Type::Boolean) && name != "assigned" {
            schema.default = Some(json!(false));
        }
        // The options of a file are also members of the other bodies, and must not be given twice. Some generated clients
        // always send a default.
        if has_options_in_body && name != "validateOnly" {
            schema.default = None;
        }
    }
}

/// The owner of a member or a parameter.
#[derive(Clone, Copy)]
enum Of<'a> {
    Schema(&'a str),
    Operation(&'a str),
}

/// Sets the allowed words of a member or a parameter. Words of its owner take precedence.
fn restrict(object: &mut Object, name: &str, of: Of<'_>, words: &[Words]) {
    let (Of::Schema(owner) | Of::Operation(owner)) = of;
    let of_all =
        |words: &&Words| words.schemas.is_empty() && !(words.of_parameters && matches!(of, Of::Schema(_)));
    let named = || words.iter().filter(|words| words.name == name);
    let known = named().find(|words| words.schemas.contains(&owner)).or_else(|| named().find(of_all));
    let Some(known) = known else { return };
    let mut values: Vec<Value> = known.words.iter().map(|word| json!(word)).collect();
    if matches!(&object.schema_type, SchemaType::Array(types) if types.contains(&Type::Null)) {
        values.push(Value::Null);
    } else if known.has_default && object.default.is_none() && matches!(of, Of::Operation(_)) {
        object.default = values.first().cloned();
    }
    object.enum_values = Some(values);
}

/// Returns the codes of all problems, in alphabetical order.
fn problem_codes(contexts: &[Context]) -> Vec<Value> {
    let of_contexts = contexts.iter().flat_map(|context| context.codes).copied();
    let mut names: Vec<_> = codes::of_no_context().chain(of_contexts).map(|code| code.name).collect();
    names.sort_unstable();
    names.into_iter().map(|name| json!(name)).collect()
}
