//! The parameters of a list of the pool.

use haat_application::retailer::office::PoolInput;
use haat_domain::retailer::Service;

use super::dto::ALL;
use crate::retailer::list_query::{ListQuery, narrowing};
use crate::shared::{Fields, Problem, parse_bool, user_ref};

/// What a query asks for.
#[derive(Debug)]
pub(super) struct PoolQuery {
    pub(super) input: PoolInput,
    /// The part of it that every list of shops has.
    pub(super) list: ListQuery,
}

impl PoolQuery {
    pub(super) fn parse(query: Fields) -> Result<Self, Problem> {
        let (list, among) = ListQuery::parse_with(query, &ALL, among)?;
        Ok(Self { input: PoolInput { list: list.input.clone(), ..among }, list })
    }
}

/// The parameters of an export: all that narrow the pool, and none of order, page and members.
pub(super) fn parse_export(mut query: Fields) -> Result<PoolInput, Problem> {
    let input = pool_filter(&mut query);
    let deleted = query.optional("deleted", parse_bool).unwrap_or_default();
    query.finish()?;
    Ok(PoolInput { deleted, ..input })
}

/// What narrows the pool of shops that are there.
pub(crate) fn pool_filter(fields: &mut Fields) -> PoolInput {
    let list = narrowing(fields);
    PoolInput { list, ..served(fields) }
}

fn among(query: &mut Fields) -> PoolInput {
    let served = served(query);
    PoolInput { deleted: query.optional("deleted", parse_bool).unwrap_or_default(), ..served }
}

fn served(fields: &mut Fields) -> PoolInput {
    let service = fields.optional("assigned", parse_bool);
    let service = service.map(|assigned| if assigned { Service::Assigned } else { Service::Unassigned });
    PoolInput { service, sales_rep: fields.optional("salesRep", user_ref), ..PoolInput::default() }
}

#[cfg(test)]
mod tests {
    use haat_application::shared::UserRef;
    use haat_domain::identity::Username;
    use haat_domain::retailer::{RetailerKey, RetailerUid};
    use serde_json::{Value, json};

    use super::*;

    fn fields(query: &Value) -> Fields {
        Fields::new(query.as_object().unwrap().clone())
    }

    #[test]
    fn the_pool_is_narrowed_in_its_own_ways() {
        let query = json!({"assigned": "false", "salesRep": "SR00001", "deleted": "true", "region": "3"});
        let input = PoolQuery::parse(fields(&query)).unwrap().input;
        assert_eq!((input.service, input.deleted), (Some(Service::Unassigned), true));
        assert_eq!(input.sales_rep, Some(UserRef::Username(Username::parse("sr00001").unwrap())));
        assert!(input.list.region.is_some());
        assert_eq!(parse_export(fields(&query)).unwrap(), input);
        let by_id = PoolQuery::parse(fields(&json!({"salesRep": "7"}))).unwrap().input;
        assert_eq!((by_id.sales_rep, by_id.service), (Some(UserRef::Id(7)), None));
    }

    #[test]
    fn a_cursor_is_tied_to_them() {
        let lists = [
            json!({"sort": "uid"}),
            json!({"sort": "uid", "assigned": "true"}),
            json!({"sort": "uid", "assigned": "false"}),
            json!({"sort": "uid", "salesRep": "7"}),
            json!({"sort": "uid", "deleted": "true"}),
        ];
        let key = RetailerKey::Uid(RetailerUid::parse("RTL-1").unwrap());
        for list in &lists {
            let cursor = PoolQuery::parse(fields(list)).unwrap().list.cursor(&key);
            for other in &lists {
                let mut again = other.clone();
                again["cursor"] = json!(cursor);
                assert_eq!(PoolQuery::parse(fields(&again)).is_ok(), list == other, "{list} {other}");
            }
        }
    }

    #[test]
    fn faults_are_told_together_and_an_export_has_no_pages() {
        let query = json!({"assigned": "yes", "salesRep": "", "deleted": "1", "limit": "0"});
        let errors = PoolQuery::parse(fields(&query)).unwrap_err().errors;
        let mut found: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, ["assigned", "deleted", "limit", "salesRep"]);
        for page in ["limit", "cursor", "page", "sort", "fields", "includeTotal"] {
            assert!(parse_export(fields(&json!({ page: "1" }))).is_err(), "{page}");
        }
    }
}
