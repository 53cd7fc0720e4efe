//! Resources with the parameter `fields`, which selects members. Only responses to requests with this parameter have a schema
//! without required members.

use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{Components, Schema};
use utoipa::openapi::{Content, RefOr};

use super::schema_names::for_each_part;

/// Adds a schema without required members for each of these schemas, and refers to it in pages.
pub(super) fn add_schemas(components: &mut Components, names: &[&str]) {
    for name in names {
        if let Some(mut schema) = components.schemas.get(*name).cloned() {
            refer_to_sparse(&mut schema, names);
            clear_required(&mut schema);
            components.schemas.insert(sparse(name), schema);
        }
        if let Some(page) = components.schemas.get_mut(&format!("{name}Page")) {
            refer_to_sparse(page, names);
        }
    }
}

/// Refers to the schemas without required members in the responses of an operation with the parameter `fields`.
pub(super) fn describe(operation: &mut Operation, names: &[&str]) {
    let has_fields = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(Parameter { name, .. }) if name == "fields"));
    if !has_fields {
        return;
    }
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        for content in response.content.values_mut() {
            if let RefOr::T(Content { schema: Some(schema), .. }) = content {
                refer_to_sparse(schema, names);
            }
        }
    }
}

fn sparse(name: &str) -> String {
    format!("Sparse{name}")
}

fn refer_to_sparse(schema: &mut RefOr<Schema>, names: &[&str]) {
    if let RefOr::Ref(reference) = schema
        && let Some((path, name)) = reference.ref_location.rsplit_once('/')
        && names.contains(&name)
    {
        reference.ref_location = format!("{path}/{}", sparse(name));
    }
    for_each_part(schema, &mut |part| refer_to_sparse(part, names));
}

/// Makes all members of an object optional, or of all objects it is composed of.
fn clear_required(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => object.required.clear(),
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(clear_required),
        RefOr::Ref(_) | RefOr::T(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_responses_with_selected_members_have_optional_members() {
        let area = json!({"type": "object", "required": ["uid"], "properties": {"uid": {"type": "string"}}});
        let page = json!({"type": "array", "items": {"$ref": "#/components/schemas/Area"}});
        let mut components: Components =
            serde_json::from_value(json!({"schemas": {"Area": area, "AreaPage": page}})).unwrap();
        add_schemas(&mut components, &["Area"]);
        let schemas = serde_json::to_value(&components.schemas).unwrap();
        assert_eq!(schemas["Area"]["required"], json!(["uid"]));
        assert_eq!(schemas["SparseArea"].get("required"), None);
        assert_eq!(schemas["AreaPage"]["items"]["$ref"], "#/components/schemas/SparseArea");
        for (parameters, expected) in [
            (
                json!([{"name": "fields", "in": "query", "required": false}]),
                "#/components/schemas/SparseArea",
            ),
            (json!([]), "#/components/schemas/Area"),
        ] {
            let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Area"}}});
            let mut operation: Operation = serde_json::from_value(json!({
                "parameters": parameters,
                "responses": {"200": {"description": "The area", "content": content}}
            }))
            .unwrap();
            describe(&mut operation, &["Area"]);
            let operation: Value = serde_json::to_value(&operation).unwrap();
            let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            assert_eq!(schema["$ref"], expected);
        }
    }
}
