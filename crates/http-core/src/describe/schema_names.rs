//! Gives generic schemas names that read well in generated clients: utoipa writes `PageOf_ManagedPlace_Area`,
//! the document says `ManagedAreaPage`. It refers to their arguments, which utoipa copies.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Components, Schema};
use utoipa::openapi::{Content, Ref, RefOr};

/// Renames the schemas and the references between them.
pub(super) fn rename(components: &mut Components) {
    let schemas = std::mem::take(&mut components.schemas);
    for (name, schema) in &schemas {
        let mut schema = schema.clone();
        if readable(name) != *name {
            refer(&mut schema, &schemas);
        }
        rename_references(&mut schema);
        components.schemas.insert(readable(name), schema);
    }
}

/// Replaces the copies of schemas that have a name by references.
fn refer(schema: &mut RefOr<Schema>, named: &BTreeMap<String, RefOr<Schema>>) {
    for_each_part(schema, &mut |part| {
        if let RefOr::T(_) = part
            && let Some((name, _)) = named.iter().find(|(_, schema)| *schema == part)
        {
            *part = Ref::from_schema_name(name).into();
        } else {
            refer(part, named);
        }
    });
}

/// Renames the references in the parameters, request bodies and responses of an operation.
pub(super) fn rename_references_of(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
            rename_references(schema);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(rename_content);
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.content.values_mut().for_each(rename_content);
        }
    }
}

fn rename_content(content: &mut RefOr<Content>) {
    if let RefOr::T(Content { schema: Some(schema), .. }) = content {
        rename_references(schema);
    }
}

fn rename_references(schema: &mut RefOr<Schema>) {
    if let RefOr::Ref(reference) = schema
        && let Some((path, name)) = reference.ref_location.rsplit_once('/')
    {
        reference.ref_location = format!("{path}/{}", readable(name));
    }
    for_each_part(schema, &mut rename_references);
}

/// Applies a change to the schemas that a schema is composed of.
pub(super) fn for_each_part(schema: &mut RefOr<Schema>, change: &mut dyn FnMut(&mut RefOr<Schema>)) {
    match schema {
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                change(items);
            }
        }
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(&mut *change);
            if let Some(AdditionalProperties::RefOr(schema)) = object.additional_properties.as_deref_mut() {
                change(schema);
            }
        }
        RefOr::T(Schema::OneOf(parts)) => parts.items.iter_mut().for_each(change),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(change),
        RefOr::T(Schema::AnyOf(parts)) => parts.items.iter_mut().for_each(change),
        RefOr::Ref(_) | RefOr::T(_) => {}
    }
}

fn readable(name: &str) -> String {
    if let Some(item) = name.strip_prefix("PageOf_") {
        let item = if item == "AuditEntry" { "Audit".to_owned() } else { readable(item) };
        return format!("{item}Page");
    }
    for (generic, prefix) in [("ManagedPlace_", "Managed"), ("New_", "New"), ("Changed_", "Changed")] {
        if let Some(item) = name.strip_prefix(generic) {
            return format!("{prefix}{item}");
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generic_schemas_refer_to_their_arguments() {
        let area = json!({"type": "object", "properties": {"id": {"type": "integer"}}});
        let page = json!({"type": "object", "properties": {"data": {"type": "array", "items": area}}});
        let mut components: Components =
            serde_json::from_value(json!({"schemas": {"Area": area, "PageOf_Area": page}})).unwrap();
        rename(&mut components);
        let schemas = serde_json::to_value(&components.schemas).unwrap();
        let items = &schemas["AreaPage"]["properties"]["data"]["items"];
        assert_eq!(*items, json!({"$ref": "#/components/schemas/Area"}));
    }

    #[test]
    fn generic_schemas_get_readable_names() {
        for (name, expected) in [
            ("PageOf_Area", "AreaPage"),
            ("PageOf_AuditEntry", "AuditPage"),
            ("PageOf_ManagedPlace_Place", "ManagedPlacePage"),
            ("ManagedPlace_Territory", "ManagedTerritory"),
            ("New_SalesRep", "NewSalesRep"),
            ("Retailer", "Retailer"),
        ] {
            assert_eq!(readable(name), expected);
        }
    }
}
