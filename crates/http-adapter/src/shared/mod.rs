//! Code shared by all endpoints: problems, the edge around every request, the caller, JSON bodies, queries
//! and pages.

mod body;
pub(crate) mod body_macro;
mod caller;
mod canonical;
mod change_request;
mod client;
pub(crate) mod codes;
mod context;
mod csv_answer;
mod cursor;
pub(crate) mod describe;
mod edge;
mod fallback;
mod fields;
mod idempotency;
mod invalid;
mod limiter;
mod list_request;
mod metrics;
mod page;
mod path_id;
mod permit;
mod problem;
mod query;
mod refs;
mod render;
mod request_id;
mod response;
mod stopping;
mod text;
mod timestamp;
mod upload;

pub(crate) use body::{BodyTimeout, JsonBody};
pub(crate) use body_macro::body;
pub(crate) use caller::{
    AnyCaller, Caller, CallerEnrollingMfa, CallerPendingPasswordChange, StreamingCaller,
};
pub(crate) use canonical::canonical;
pub(crate) use change_request::{Body, ChangeRequest, OwnRequest, ReadRequest, Target};
pub(crate) use client::{TrustedProxies, client_of};
pub use context::{AppData, Context, Words};
pub(crate) use csv_answer::{csv_answer, csv_rows};
pub(crate) use cursor::{decode as decode_cursor, encode as encode_cursor};
pub(crate) use edge::{Edge, edge};
pub(crate) use fallback::{Fallback, no_route};
pub(crate) use fields::Fields;
pub use limiter::RateLimit;

pub(crate) use haat_application::shared::stored_time as instant;

pub(crate) use describe::describe;
pub(crate) use idempotency::{idempotent_request, idempotent_request_of, write_options};
pub(crate) use invalid::{Invalid, NOT_AN_ID};
pub(crate) use limiter::CallerLimits;
pub(crate) use list_request::{Filter, ListQuery, ListRequest, PageOf};
pub(crate) use metrics::Metrics;
pub(crate) use page::{PageInfo, limit, parse_bool, search};
pub(crate) use path_id::path_id;
pub(crate) use permit::Permit;
pub(crate) use problem::{Problem, ProblemBody};
pub(crate) use query::{NoParams, QueryParams};
pub(crate) use refs::{NamedRefDto, parse_place, user_ref};
pub(crate) use render::{DryRunResult, accepted, created, deleted, no_store, respond, secret, updated};
pub(crate) use request_id::RequestId;
pub(crate) use response::{JsonResponse, cached_response, expected_versions, read_response};
pub(crate) use stopping::Stopping;
pub(crate) use text::{Language, in_language};
pub(crate) use timestamp::Timestamp;
pub(crate) use upload::{UploadLimit, UploadReader, receive, unpacked};
