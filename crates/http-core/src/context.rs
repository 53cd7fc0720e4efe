use std::sync::Arc;

use actix_web::web;
use haat_application::shared::ProblemCode;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa_actix_web::service_config::ServiceConfig;

/// The name and the schema of an additional member of problems.
pub type ProblemMember = (&'static str, fn() -> RefOr<Schema>);

/// The HTTP interface of a server: its routes and their documentation.
#[derive(Clone, Copy)]
pub struct Api {
    /// The contexts, in the order of their routes.
    pub contexts: &'static [Context],
    /// Recorded requests and responses of the operations, as a JSON object with a member for each operation id.
    pub examples: &'static str,
    /// Guides for authors of clients, served at `/guides/`.
    pub guides: &'static [Guide],
}

/// A page of the documentation.
#[derive(Debug, Clone, Copy)]
pub struct Guide {
    /// The name of its file, which is also its path below `/guides/`.
    pub file: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its text.
    pub markdown: &'static str,
}

/// A context of the HTTP interface: what it adds to the routes and to the OpenAPI document.
#[derive(Clone, Copy)]
pub struct Context {
    /// The tags of its operations, each with a description.
    pub tags: &'static [(&'static str, &'static str)],
    /// Registers its routes.
    pub routes: fn(&mut ServiceConfig),
    /// The codes of its problems.
    pub codes: &'static [&'static ProblemCode],
    /// The members and parameters with a fixed list of values.
    pub words: &'static [Words],
    /// The schemas whose members can be left out with the parameter `fields`.
    pub sparse: &'static [&'static str],
    /// The additional members of its problems (RFC 9457 section 3.2), with their schemas.
    pub problem_members: &'static [ProblemMember],
    /// Adds schemas that no operation names, such as those of events.
    pub schemas: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Context {
    /// A context that adds nothing.
    pub const EMPTY: Self = Self {
        tags: &[],
        routes: |_| {},
        codes: &[],
        words: &[],
        sparse: &[],
        problem_members: &[],
        schemas: |_| {},
    };
}

/// The allowed values of a member or a parameter (`enum` in OpenAPI).
#[derive(Clone, Copy)]
pub struct Words {
    /// The name of the member or parameter.
    pub name: &'static str,
    /// The schemas, and the ids of operations with a parameter, that the words apply to; all of both if empty.
    pub schemas: &'static [&'static str],
    /// The words.
    pub words: &'static [&'static str],
    /// True if the words apply to parameters only.
    pub of_parameters: bool,
    /// True if the parameter is optional and defaults to the first value.
    pub has_default: bool,
}

impl Words {
    /// Returns the words of a member of these schemas, or of a parameter of these operations.
    #[must_use]
    pub const fn new(
        name: &'static str,
        schemas: &'static [&'static str],
        words: &'static [&'static str],
    ) -> Self {
        Self { name, schemas, words, of_parameters: false, has_default: false }
    }

    /// Returns the words of an option whose default is the first word.
    #[must_use]
    pub const fn option(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, schemas: &[], words, of_parameters: false, has_default: true }
    }

    /// Returns the words of a parameter that is optional and has no default.
    #[must_use]
    pub const fn parameter(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, schemas: &[], words, of_parameters: true, has_default: false }
    }
}

/// Data of the application that handlers receive, such as the use cases of a context.
#[derive(Clone)]
pub struct AppData(Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>);

impl AppData {
    /// Wraps a value.
    #[must_use]
    pub fn new<T: Send + Sync + 'static>(value: T) -> Self {
        let data = web::Data::new(value);
        Self(Arc::new(move |config| {
            config.app_data(data.clone());
        }))
    }

    /// Builds a value of its own in each worker, on the thread of the worker.
    #[must_use]
    pub fn per_worker<T: 'static>(build: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |config| {
            config.app_data(build());
        }))
    }

    /// Registers the value.
    pub fn register(&self, config: &mut web::ServiceConfig) {
        (self.0)(config);
    }
}
