//! Behaviour that many operations share. An operation names its facets in `x-facets`, and the parameters, headers and
//! responses that follow from them are added here; tests check the behaviour of every operation with a facet.

use haat_application::shared::{Act, Permission};
use haat_domain::shared::{Limit, Role};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

use super::responses::add;

/// The name of the extension.
const FACETS: &str = "x-facets";

/// A facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    /// A read that supports conditional requests with `If-None-Match`.
    Read,
    /// A list in pages, which is also a read.
    List,
    /// A change that `validateOnly` turns into a dry run.
    DryRun,
    /// A change that an `Idempotency-Key` makes safe to repeat.
    Idempotent,
    /// A change of a resource with a version, which `If-Match` compares.
    Versioned,
    /// A change for which a caller needs the permission only to create or disable users.
    CreateOrDisable,
    /// A request without a permission that a super admin can send to a tenant. Those with a permission need no facet.
    InTenant,
}

impl Facet {
    const ALL: [(&'static str, Self); 7] = [
        ("read", Self::Read),
        ("list", Self::List),
        ("dry-run", Self::DryRun),
        ("idempotent", Self::Idempotent),
        ("versioned", Self::Versioned),
        ("create-or-disable", Self::CreateOrDisable),
        ("in-tenant", Self::InTenant),
    ];

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, facet)| *facet)
    }
}

/// Returns the facets of an operation.
fn facets(operation: &Operation) -> Vec<Facet> {
    let words = operation.extensions.as_ref().and_then(|extensions| extensions.get(FACETS)?.as_array());
    let facets = words.into_iter().flatten().filter_map(|word| Facet::parse(word.as_str()?));
    let mut facets: Vec<_> = facets.collect();
    if facets.contains(&Facet::List) {
        facets.push(Facet::Read);
    }
    facets
}

/// Returns the permission that an operation requires: the scope of its security requirement.
fn permission(operation: &Operation) -> Option<String> {
    let requirement = serde_json::to_value(operation.security.as_ref()?.first()?).ok()?;
    Some(requirement.get("bearer")?.as_array()?.first()?.as_str()?.to_owned())
}

/// Returns the permission that an operation requires, and what it uses it for.
pub(crate) fn required(operation: &Operation) -> Option<(Permission, Act)> {
    let permission = Permission::from_name(&permission(operation)?)?;
    let is_limited = facets(operation).contains(&Facet::CreateOrDisable);
    Some((permission, if is_limited { Act::CreateOrDisable } else { Act::Other }))
}

/// Returns the description of the header that names a tenant, if super admins have the permission of an operation in the tenants that
/// they enter.
fn tenant_header(operation: &Operation) -> Option<&'static str> {
    let (permission, act) = required(operation)?;
    match permission.extent(Role::SuperAdmin, act) {
        Some("all") => Some(TENANT_REQUIRED),
        Some("any") => Some(
            "Id or slug of the tenant, for super admins; without it, the request is about the platform. Other users get 403",
        ),
        _ => None,
    }
}

/// The description of the header that names a tenant, for routes that require it.
const TENANT_REQUIRED: &str = "Id or slug of the tenant. Required for super admins; other users get 403";

/// Returns the text for a required permission and what it is used for.
pub(crate) fn requirement((permission, act): (Permission, Act)) -> String {
    let acts = match act {
        Act::CreateOrDisable => " (create or disable)",
        Act::Other => "",
    };
    format!("`{}`{acts}", permission.as_str())
}

/// Adds the parameters and responses of the facets, and the responses of the permission and the path.
pub(super) fn describe(operation: &mut Operation) {
    let facets = facets(operation);
    let mut parameters = operation.parameters.take().unwrap_or_default();
    if facets.contains(&Facet::List) {
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(Limit::MAX));
        parameters.push(query("limit", "Rows per page", limit, Some(json!(20))));
        let cursor = ObjectBuilder::new().schema_type(Type::String);
        parameters.push(query("cursor", "`page.nextCursor` of the previous page", cursor, None));
        add(operation, "400", "The cursor does not belong to this list");
    }
    if facets.contains(&Facet::DryRun) {
        let flag = ObjectBuilder::new().schema_type(Type::Boolean);
        parameters.push(query("validateOnly", "Validate and return the result without saving", flag, None));
    }
    if facets.contains(&Facet::Versioned) {
        let description = "The ETag the caller read; the request fails with 412 if it is stale";
        parameters.push(header("If-Match", description));
        let description =
            "ETags that the resource must not have, or `*` for any; the request fails with 412 otherwise";
        parameters.push(header("If-None-Match", description));
        add(operation, "412", "The If-Match version is stale, or If-None-Match has the current version");
    }
    if facets.contains(&Facet::Idempotent) {
        let description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response, marked with \
             `Idempotency-Replayed: true`";
        parameters.push(header("Idempotency-Key", description));
        add(operation, "409", "A request with this Idempotency-Key is still in progress");
    }
    if facets.contains(&Facet::Read) {
        let description = "ETag of a cached response; returns 304 if unchanged";
        parameters.push(header("If-None-Match", description));
        add(operation, "304", "Not modified");
        parameters.push(header(
            "If-Match",
            "ETag that the response must have; the request fails with 412 otherwise",
        ));
        add(operation, "412", "The response has another ETag than those in If-Match");
    }
    let in_tenant = facets.contains(&Facet::InTenant).then_some(TENANT_REQUIRED);
    if let Some(description) = in_tenant.or_else(|| tenant_header(operation)) {
        parameters.push(header("X-Tenant-Id", description));
    }
    if let Some(required) = required(operation) {
        add(operation, "403", &format!("Requires permission {}", requirement(required)));
    }
    let in_path = |parameter: &RefOr<Parameter>| {
        matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Path, .. }))
    };
    if parameters.iter().any(in_path) && !operation.responses.responses.contains_key("404") {
        add(operation, "404", "Not found");
    }
    operation.parameters = (!parameters.is_empty()).then_some(parameters);
}

fn query(name: &str, description: &str, schema: ObjectBuilder, example: Option<Value>) -> RefOr<Parameter> {
    parameter(name, ParameterIn::Query, description, schema.build().into(), example)
}

/// Returns a header that may be absent.
fn header(name: &str, description: &str) -> RefOr<Parameter> {
    let text = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    parameter(name, ParameterIn::Header, description, text.build().into(), None)
}

fn parameter(
    name: &str,
    place: ParameterIn,
    description: &str,
    schema: RefOr<Schema>,
    example: Option<Value>,
) -> RefOr<Parameter> {
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .example(example);
    parameter.build().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Completes an operation with these facets, and returns its parameters and responses.
    fn described(operation: Value) -> (Vec<String>, Value) {
        let mut operation: Operation = serde_json::from_value(operation).unwrap();
        describe(&mut operation);
        let names = operation.parameters.iter().flatten().map(|parameter| match parameter {
            RefOr::T(parameter) => parameter.name.clone(),
            RefOr::Ref(_) => unreachable!(),
        });
        (names.collect(), serde_json::to_value(&operation.responses).unwrap())
    }

    #[test]
    fn facets_add_parameters_and_responses() {
        let list = json!({"x-facets": ["list"], "security": [{"bearer": ["manage-map"]}], "responses": {}});
        let (parameters, responses) = described(list);
        assert_eq!(parameters, ["limit", "cursor", "If-None-Match", "If-Match", "X-Tenant-Id"]);
        assert_eq!(responses["403"]["description"], "Requires permission `manage-map`");
        assert!(responses["304"].is_object() && responses["400"].is_object());
        let staff = json!({"x-facets": ["create-or-disable"], "security": [{"bearer": ["manage-users"]}], "responses": {}});
        let (parameters, responses) = described(staff);
        assert_eq!(parameters, ["X-Tenant-Id"]);
        let description = &responses["403"]["description"];
        assert_eq!(description, "Requires permission `manage-users` (create or disable)");
        let of_platform = json!({"security": [{"bearer": ["manage-tenants"]}], "responses": {}});
        assert_eq!(described(of_platform).0, Vec::<String>::new());
        let change = json!({
            "x-facets": ["dry-run", "idempotent", "versioned"],
            "parameters": [{"name": "id", "in": "path", "required": true}],
            "responses": {"409": {"description": "In use"}}
        });
        let (parameters, responses) = described(change);
        assert_eq!(parameters, ["id", "validateOnly", "If-Match", "If-None-Match", "Idempotency-Key"]);
        let conflict = "In use, or a request with this Idempotency-Key is still in progress";
        assert_eq!(responses["409"]["description"], conflict);
        assert!(responses["404"].is_object() && responses["412"].is_object());
    }
}
