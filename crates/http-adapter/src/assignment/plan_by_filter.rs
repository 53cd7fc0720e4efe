use actix_web::{HttpRequest, HttpResponse};
use haat_application::assignment::{AssignmentUseCases, Outcome, PlanByFilterInput};
use serde_json::Value;

use super::order_body::{force, if_assigned, recipients};
use crate::retailer::pool_filter;
use crate::shared::{
    Caller, Invalid, JsonBody, JsonResponse, Problem, QueryParams, codes, stored_response, write_options,
    write_response,
};

/// Creates a plan from a body that has a `filter`.
pub(super) async fn plan_by_filter(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    caller: &Caller,
    body: JsonBody,
    to_response: fn(&Outcome) -> Result<JsonResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let JsonBody { mut fields, bytes } = body;
    let mut query = QueryParams::of(request)?.0;
    let write_options = write_options(request, &bytes, &mut query)?;
    fields.optional("action", |word| {
        let only = Invalid("must be assign if filter is given", "filter দিলে assign হতে হবে");
        if word == "assign" { Ok(()) } else { Err(only) }
    });
    let filter = fields
        .take("filter")
        .and_then(|filter| fields.nested("filter", as_strings(filter), |filter| Some(pool_filter(filter))));
    let to = recipients(&mut fields);
    let if_assigned = if_assigned(&mut fields);
    let (force, reason) = force(&mut fields, true);
    fields.finish_with(query)?;
    // If either is missing, `finish_with` has returned errors.
    let (Some(filter), Some(to)) = (filter, to) else {
        return Err(Problem::new(&codes::INVALID_FIELDS));
    };
    let input = PlanByFilterInput { filter, to, if_assigned, force, reason, write_options };
    let result = api.plan_by_filter.execute(&caller.0, input, &stored_response(to_response)).await?;
    write_response(request, result, to_response)
}

/// Converts numbers and booleans to the strings that a query would have.
fn as_strings(mut filter: Value) -> Value {
    for value in filter.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
        if value.is_number() || value.is_boolean() {
            *value = Value::String(value.to_string());
        }
    }
    filter
}
