//! HTTP for the adapters of each group of contexts: the server and the edge around every request, callers and their
//! permissions, bodies, queries and lists, responses and problems, and the OpenAPI document. A group exports a [`Context`]
//! for each of its contexts; [`serve`] and [`openapi`] take the list of them.

mod access;
mod activity;
mod body;
#[doc(hidden)]
pub mod body_macro;
mod caller;
mod canonical;
mod change_request;
mod client;
pub mod codes;
mod coding;
mod context;
mod csv_response;
mod cursor;
mod decompress;
mod describe;
mod docs;
mod edge;
mod entity_tags;
mod fallback;
mod fields;
mod file_request;
mod idempotency;
mod invalid;
pub mod job;
mod json;
mod limiter;
mod list_request;
mod metrics;
mod moment;
mod page;
mod path_id;
mod permit;
mod problem;
mod query;
mod refs;
mod render;
mod request_id;
mod response;
mod serve;
mod stopping;
mod text;
mod timestamp;
mod upload;

pub use access::access_table;
pub use activity::{ActivityCounter, ActivitySink, AdmittedCaller};
pub use body::JsonBody;
pub use body_macro::MemberValue;
pub use caller::{
    AnyCaller, Caller, CallerEnrollingMfa, CallerInTenant, CallerPendingPasswordChange, RevokingCaller,
    StreamingCaller,
};
pub use change_request::{Body, ChangeRequest, OptionalBody, OwnRequest, ReadRequest, Target};
pub use client::client_of;
pub use coding::require_identity;
pub use context::{Api, AppData, Context, Guide, ProblemMember, Words};
pub use csv_response::{csv_file, csv_response, csv_rows};
pub use cursor::{decode as decode_cursor, encode as encode_cursor};
pub use fields::Fields;
pub use file_request::{FILE_MEDIA_TYPES, ReceivedFile, has_file, receive_file};
pub use idempotency::{BodyHash, idempotent_request, write_options};
pub use invalid::Invalid;
pub use json::whole_number;
pub use limiter::RateLimit;
pub use list_request::{Filter, ListQuery, ListRequest, PageOf};
pub use metrics::Metrics;
pub use moment::{Moment, NOT_A_MOMENT, parse_date};
pub use page::{PageInfo, limit, parse_bool, search};
pub use path_id::{id_in_path, path_id};
pub use permit::Permit;
pub use problem::Problem;
pub use prometheus::Registry;
pub use query::{QueryParams, reject_params};
pub use refs::{NamedRefDto, parse_place, user_ref};
pub use render::{DryRunResult, accepted, created, deleted, no_store, respond, secret, tagged_as, updated};
pub use request_id::RequestId;
pub use response::{JsonResponse, cached_response, expected_versions, read_response};
pub use serve::{HttpSettings, Service, openapi, serve};
pub use stopping::Stopping;
pub use text::{Language, in_language};
pub use timestamp::Timestamp;

pub(crate) use body::{BodyLimit, BodyTimeout};
pub(crate) use canonical::canonical;
pub(crate) use client::TrustedProxies;
pub(crate) use decompress::{DecodedBody, gunzip, unpacked};
pub(crate) use describe::describe;
pub(crate) use edge::{Edge, edge};
pub(crate) use entity_tags::EntityTags;
pub(crate) use fallback::{Fallback, no_route};
pub(crate) use limiter::CallerLimits;
pub(crate) use problem::ProblemBody;
pub(crate) use upload::UploadLimit;
