use actix_web::{HttpRequest, HttpResponse};
use haat_application::assignment::{AssignmentApi, Outcome, PlanByFilterError, PlanByFilterInput};
use serde_json::Value;

use super::order_body::{force, if_assigned, takers};
use crate::retailer::pool_filter;
use crate::shared::{Caller, Code, JsonBody, Plain, Problem, QueryParams, Text, answer_of, change, receipt};

/// Makes a plan of a body that has a `filter`.
pub(super) async fn plan_by_filter(
    request: &HttpRequest,
    api: &AssignmentApi,
    caller: &Caller,
    body: JsonBody,
    plain: fn(&Outcome) -> Result<Plain, Problem>,
) -> Result<HttpResponse, Problem> {
    let JsonBody { mut fields, bytes } = body;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &bytes, &mut query)?;
    fields.optional(
        "action",
        |word| if word == "assign" { Ok(()) } else { Err("must be assign for a filter") },
    );
    let filter = fields
        .take("filter")
        .and_then(|filter| fields.nested("filter", texts(filter), |filter| Some(pool_filter(filter))));
    let to = takers(&mut fields);
    let if_assigned = if_assigned(&mut fields);
    let (force, reason) = force(&mut fields, true);
    fields.finish_with(query)?;
    // Without them something has been refused.
    let (Some(filter), Some(to)) = (filter, to) else {
        return Err(Problem::new(Code::InvalidFields));
    };
    let input = PlanByFilterInput { filter, to, if_assigned, force, reason, change };
    let done = api.plan_by_filter.execute(&caller.0, input, &receipt(plain)).await?;
    answer_of(request, done, plain)
}

/// Numbers and flags as the texts that a query would have.
fn texts(mut filter: Value) -> Value {
    for value in filter.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
        if value.is_number() || value.is_boolean() {
            *value = Value::String(value.to_string());
        }
    }
    filter
}

impl From<PlanByFilterError> for Problem {
    fn from(error: PlanByFilterError) -> Self {
        match error {
            PlanByFilterError::Assignment(error) => error.into(),
            PlanByFilterError::Pool(error) => Self::from(error).under("filter"),
            PlanByFilterError::TooMany => Self::invalid_field(
                "filter",
                "too-many",
                Text::new(error.to_string(), "একটি পরিকল্পনায় সর্বোচ্চ ১০০০০০টি দোকান থাকতে পারে"),
            ),
        }
    }
}
