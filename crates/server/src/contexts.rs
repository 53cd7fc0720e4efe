//! The contexts of the product: the one list from which routes, the OpenAPI document and use cases are built. A context
//! is a file in `contexts/` that exports `CONTEXT`, its part of the HTTP interface, and `use_cases`.

use std::sync::Arc;

use haat_domain::auth::{DerivedPasswords, PasswordHasher};
use haat_domain::schedule::{ScheduleError, Schedules};
use haat_domain::shared::FileStore;
use haat_http_core::{Api, AppData};
use haat_persistence_adapter::PgDatabase;

use crate::config::AuthConfig;
use crate::contexts::auth::ServerKeys;
use crate::guides::GUIDES;
use crate::wiring::{SchemaCheck, Storage};

/// The parts from which the use cases of contexts are built.
pub(crate) struct Parts<'a> {
    /// The database with its caches.
    pub(crate) storage: &'a Storage,
    /// Connections without a statement timeout, for requests whose work can be of any size.
    pub(crate) long_running: Arc<PgDatabase>,
    /// The store of uploaded files.
    pub(crate) files: Arc<dyn FileStore>,
    /// The settings of logins and tokens.
    pub(crate) auth: &'a AuthConfig,
    /// The keys of the server.
    pub(crate) keys: &'a ServerKeys,
    /// The derivation of one-time passwords.
    pub(crate) derived_passwords: Arc<dyn DerivedPasswords>,
    /// The password hasher, shared by all use cases so that no more hashes run at once than there are cores.
    pub(crate) hasher: Arc<dyn PasswordHasher>,
    /// The state of the database check.
    pub(crate) schema_check: &'a SchemaCheck,
    /// The schedules of all contexts.
    pub(crate) schedules: Arc<Schedules>,
}

/// The schedules of all contexts.
///
/// # Errors
/// [`ScheduleError`] if one is not declared correctly.
pub(crate) fn schedules() -> Result<Schedules, ScheduleError> {
    Schedules::new(haat_application::job::SCHEDULES)
}

macro_rules! contexts {
    ($($name:ident),+ $(,)?) => {
        /// The HTTP interface: the contexts, in the order of their routes, and the examples that `build.rs` joins.
        pub(crate) const API: Api = Api {
            contexts: &[$($name::CONTEXT),+],
            examples: include_str!(concat!(env!("OUT_DIR"), "/examples.json")),
            guides: GUIDES,
        };

        /// Builds the use cases of all contexts.
        pub(crate) fn use_cases(parts: &Parts<'_>) -> Vec<AppData> {
            vec![$($name::use_cases(parts)),+]
        }
    };
}

pub(crate) mod activity;
pub(crate) mod assignment;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod duplicates;
pub(crate) mod import;
pub(crate) mod job;
pub(crate) mod operations;
pub(crate) mod people;
pub(crate) mod retailer;
pub(crate) mod retailer_pool;
pub(crate) mod team;
pub(crate) mod tenancy;
pub(crate) mod territory;

// The routes that mobile clients call most come first. `import` comes before `retailer_pool`, whose `/admin/retailers/{uid}` would
// match its routes too, and `activity` before `people`, whose `/users/{id}` would match `/users/activity`.
contexts! {
    retailer,
    auth,
    activity,
    people,
    team,
    tenancy,
    import,
    retailer_pool,
    assignment,
    territory,
    duplicates,
    audit,
    job,
    operations,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use haat_application::shared::ProblemCode;
    use haat_http_core::codes;

    use super::*;

    fn all_codes() -> impl Iterator<Item = &'static ProblemCode> {
        codes::of_no_context().chain(API.contexts.iter().flat_map(|context| context.codes).copied())
    }

    #[test]
    fn recorded_examples_can_be_parsed() {
        let examples: serde_json::Value = serde_json::from_str(API.examples).unwrap();
        assert!(examples["listRetailers"]["responses"]["200"].is_object());
    }

    #[test]
    fn codes_are_unique_kebab_case_and_have_texts_in_both_languages() {
        let mut seen = HashSet::new();
        for code in all_codes() {
            assert!(seen.insert(code.name), "{}", code.name);
            assert!(code.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", code.name);
            assert!((400..600).contains(&code.status), "{}", code.name);
            for text in std::iter::once(&code.title).chain(&code.advice) {
                assert!(text.en.is_ascii() && !text.bn.is_ascii(), "{}", code.name);
            }
        }
    }

    #[test]
    fn the_documentation_lists_every_code() {
        let docs = include_str!("../../../docs/API-DESIGN.md");
        for code in all_codes() {
            let row = format!("| {} | `{}` |", code.status, code.name);
            assert!(docs.contains(&row), "docs/API-DESIGN.md lacks {row}");
        }
    }
}
