//! The query parameters of a pool list.

use haat_application::retailer::pool::PoolInput;
use haat_domain::retailer::Service;

use super::dto::ALL;
use crate::retailer::fields::FieldSelection;
use crate::retailer::list_query::{ListQuery, retailer_filter};
use haat_http_core::{Fields, Problem, parse_bool, user_ref};

/// A parsed query.
#[derive(Debug)]
pub(super) struct PoolQuery {
    pub(super) input: PoolInput,
    /// The parameters shared by all retailer lists.
    pub(super) list: ListQuery,
}

impl PoolQuery {
    pub(super) fn parse(path: &str, query: Fields) -> Result<Self, Problem> {
        let (list, pool) =
            ListQuery::parse_with(path, query, |query| FieldSelection::parse(query, &ALL), pool_parameters)?;
        Ok(Self { input: PoolInput { list: list.input.clone(), ..pool }, list })
    }
}

/// Parses the parameters of an export: all filters of the pool, but no sort, page or member selection.
pub(super) fn parse_export(mut query: Fields) -> Result<PoolInput, Problem> {
    let input = pool_filter(&mut query);
    let deleted = query.optional("deleted", parse_bool).unwrap_or_default();
    query.finish()?;
    Ok(PoolInput { deleted, ..input })
}

/// Parses the filters of the pool without `deleted`.
pub(crate) fn pool_filter(fields: &mut Fields) -> PoolInput {
    let list = retailer_filter(fields);
    PoolInput { list, ..assignment_filter(fields) }
}

fn pool_parameters(query: &mut Fields) -> PoolInput {
    let filter = assignment_filter(query);
    PoolInput { deleted: query.optional("deleted", parse_bool).unwrap_or_default(), ..filter }
}

fn assignment_filter(fields: &mut Fields) -> PoolInput {
    let service = fields.optional("assigned", parse_bool);
    let service = service.map(|assigned| if assigned { Service::Assigned } else { Service::Unassigned });
    PoolInput { service, sales_rep: fields.optional("salesRep", user_ref), ..PoolInput::default() }
}

#[cfg(test)]
mod tests {
    use haat_application::shared::UserSelector;
    use haat_domain::auth::Username;
    use haat_domain::retailer::{RetailerKey, RetailerUid, SearchPosition};
    use serde_json::{Value, json};

    use super::*;

    fn fields(query: &Value) -> Fields {
        Fields::new(query.as_object().unwrap().clone())
    }

    #[test]
    fn parses_the_filters_of_the_pool() {
        let query = json!({"assigned": "false", "salesRep": "SR00001", "deleted": "true", "region": "3"});
        let input = PoolQuery::parse("/admin/retailers", fields(&query)).unwrap().input;
        assert_eq!((input.service, input.deleted), (Some(Service::Unassigned), true));
        assert_eq!(input.sales_rep, Some(UserSelector::Username(Username::parse("sr00001").unwrap())));
        assert!(input.list.region.is_some());
        assert_eq!(parse_export(fields(&query)).unwrap(), input);
        let by_id = PoolQuery::parse("/admin/retailers", fields(&json!({"salesRep": "7"}))).unwrap().input;
        assert_eq!((by_id.sales_rep, by_id.service), (Some(UserSelector::Id(7)), None));
    }

    #[test]
    fn cursor_is_bound_to_the_filters() {
        let lists = [
            json!({"sort": "uid"}),
            json!({"sort": "uid", "assigned": "true"}),
            json!({"sort": "uid", "assigned": "false"}),
            json!({"sort": "uid", "salesRep": "7"}),
            json!({"sort": "uid", "deleted": "true"}),
        ];
        let key = RetailerKey::Uid(RetailerUid::parse("RTL-1").unwrap());
        let position = SearchPosition { by_words: false, key };
        for list in &lists {
            let cursor = PoolQuery::parse("/admin/retailers", fields(list)).unwrap().list.cursor(&position);
            for other in &lists {
                let mut with_cursor = other.clone();
                with_cursor["cursor"] = json!(cursor);
                assert_eq!(
                    PoolQuery::parse("/admin/retailers", fields(&with_cursor)).is_ok(),
                    list == other,
                    "{list} {other}"
                );
            }
        }
    }

    #[test]
    fn reports_all_invalid_parameters_and_exports_reject_paging() {
        let query = json!({"assigned": "yes", "salesRep": "", "deleted": "1", "limit": "0"});
        let errors = PoolQuery::parse("/admin/retailers", fields(&query)).unwrap_err().errors;
        let mut actual: Vec<_> = errors.iter().map(|error| &*error.field).collect();
        actual.sort_unstable();
        assert_eq!(actual, ["assigned", "deleted", "limit", "salesRep"]);
        for page in ["limit", "cursor", "page", "sort", "fields", "includeTotal"] {
            assert!(parse_export(fields(&json!({ page: "1" }))).is_err(), "{page}");
        }
    }
}
