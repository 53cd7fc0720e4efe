//! The sales map. The four kinds of places have the same endpoints: each is implemented once and documented
//! for each kind.

mod alias_dto;
mod body;
mod create_place;
mod create_place_alias;
mod delete_place;
mod delete_place_alias;
mod dto;
mod errors;
mod get_place;
mod list_managed_places;
mod list_place_aliases;
mod list_places;
mod list_query;
mod replace_place;
mod update_place;

use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{Code, Problem};

pub(crate) fn routes(config: &mut ServiceConfig) {
    list_places::routes(config);
    list_managed_places::routes(config);
    create_place::routes(config);
    get_place::routes(config);
    update_place::routes(config);
    replace_place::routes(config);
    delete_place::routes(config);
    config
        .service(list_place_aliases::list_place_aliases)
        .service(create_place_alias::create_place_alias)
        .service(delete_place_alias::delete_place_alias);
}

/// Returns the path of the collection of a kind.
const fn collection(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Region => "/admin/regions",
        PlaceKind::Area => "/admin/areas",
        PlaceKind::Territory => "/admin/territories",
        PlaceKind::Distributor => "/admin/distributors",
    }
}

/// Parses a place id in a path. Text that is not an id is a 404, like an unknown id.
fn place_id(text: &str) -> Result<i64, Problem> {
    let id = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    id.ok_or(Problem::new(Code::NotFound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_digits_as_an_id() {
        assert_eq!(place_id("42").unwrap(), 42);
        for bad in ["", "x", "+1", "-1", "1.0", "১", "99999999999999999999"] {
            assert_eq!(place_id(bad).unwrap_err().code, Code::NotFound, "{bad}");
        }
    }
}
