//! The sales map. Four kinds of places have the same endpoints: each is written once and told in the documentation for
//! each kind.

mod alias_dto;
mod body;
mod create_place;
mod create_place_alias;
mod delete_place;
mod delete_place_alias;
mod dto;
mod errors;
mod get_place;
mod list_place_aliases;
mod list_places;
mod list_query;
mod pick_places;
mod replace_place;
mod update_place;

use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{Code, Problem};

pub(crate) fn routes(config: &mut ServiceConfig) {
    pick_places::routes(config);
    list_places::routes(config);
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

/// Where the places of a kind are kept.
const fn collection(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Region => "/admin/regions",
        PlaceKind::Area => "/admin/areas",
        PlaceKind::Territory => "/admin/territories",
        PlaceKind::Distributor => "/admin/distributors",
    }
}

/// An id in a path. What cannot be one is no place's.
fn place_id(text: &str) -> Result<i64, Problem> {
    let id = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    id.ok_or(Problem::new(Code::NotFound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_digits() {
        assert_eq!(place_id("42").unwrap(), 42);
        for bad in ["", "x", "+1", "-1", "1.0", "১", "99999999999999999999"] {
            assert_eq!(place_id(bad).unwrap_err().code, Code::NotFound, "{bad}");
        }
    }
}
