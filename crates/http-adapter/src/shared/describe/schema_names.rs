//! Gives generic schemas names that read well in generated clients: utoipa writes `PageOf_ManagedPlace_Area`,
//! the document says `ManagedAreaPage`.

use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Components, Schema};
use utoipa::openapi::{Content, RefOr};

/// Renames the schemas and the references between them.
pub(super) fn rename(components: &mut Components) {
    let schemas = std::mem::take(&mut components.schemas);
    for (name, mut schema) in schemas {
        rename_references(&mut schema);
        components.schemas.insert(readable(&name), schema);
    }
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
    match schema {
        RefOr::Ref(reference) => {
            if let Some((path, name)) = reference.ref_location.rsplit_once('/') {
                reference.ref_location = format!("{path}/{}", readable(name));
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                rename_references(items);
            }
        }
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(rename_references);
            if let Some(AdditionalProperties::RefOr(schema)) = object.additional_properties.as_deref_mut() {
                rename_references(schema);
            }
        }
        RefOr::T(Schema::OneOf(parts)) => parts.items.iter_mut().for_each(rename_references),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(rename_references),
        RefOr::T(Schema::AnyOf(parts)) => parts.items.iter_mut().for_each(rename_references),
        RefOr::T(_) => {}
    }
}

fn readable(name: &str) -> String {
    if let Some(item) = name.strip_prefix("PageOf_") {
        let item = if item == "AuditEntry" { "Audit".to_owned() } else { readable(item) };
        return format!("{item}Page");
    }
    match name.strip_prefix("ManagedPlace_") {
        Some(place) => format!("Managed{place}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_schemas_get_readable_names() {
        for (name, expected) in [
            ("PageOf_Area", "AreaPage"),
            ("PageOf_AuditEntry", "AuditPage"),
            ("PageOf_ManagedPlace_Place", "ManagedPlacePage"),
            ("ManagedPlace_Territory", "ManagedTerritory"),
            ("Retailer", "Retailer"),
        ] {
            assert_eq!(readable(name), expected);
        }
    }
}
