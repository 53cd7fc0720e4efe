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
                    restrict(member, property, Some(name), words);
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
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter
        else {
            continue;
        };
        restrict(schema, name, None, words);
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

/// Sets the allowed words of a member of the schema `of`, or of a parameter.
fn restrict(object: &mut Object, name: &str, of: Option<&str>, words: &[Words]) {
    let known = words.iter().find(|words| {
        words.name == name
            && match of {
                None => words.schemas.is_empty(),
                Some(_) if words.schemas.is_empty() => !words.of_parameters,
                Some(of) => words.schemas.contains(&of),
            }
    });
    let Some(known) = known else { return };
    let mut values: Vec<Value> = known.words.iter().map(|word| json!(word)).collect();
    if matches!(&object.schema_type, SchemaType::Array(types) if types.contains(&Type::Null)) {
        values.push(Value::Null);
    } else if known.has_default && object.default.is_none() && of.is_none() {
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
