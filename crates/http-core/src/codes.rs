//! The codes of problems that several endpoints have, and those that only the HTTP interface has.

use haat_application::shared::ProblemCode;

pub use haat_application::shared::codes::{
    INTERNAL_ERROR, INVALID_CURSOR, NOT_FOUND, PRECONDITION_FAILED, TOKEN_REVOKED, UNAVAILABLE,
};

/// Codes that no use case returns.
mod http {
    haat_application::shared::problem_codes! {
        /// The request cannot be parsed.
        MALFORMED_REQUEST = "malformed-request", 400, "The request cannot be read", "অনুরোধটি পড়া যাচ্ছে না";
        /// The request has no access token.
        MISSING_TOKEN = "missing-token", 401, "Log in first", "আগে লগ ইন করুন";
        /// The caller must change the password first.
        PASSWORD_CHANGE_REQUIRED = "password-change-required", 403, "Change your password first", "আগে পাসওয়ার্ড বদলান",
            "Use POST /auth/change-password.", "POST /auth/change-password ব্যবহার করুন।";
        /// The caller must set up a second factor first.
        MFA_ENROLLMENT_REQUIRED = "mfa-enrollment-required", 403, "Set up a second factor first", "আগে দ্বিতীয় ধাপ চালু করুন",
            "Start with POST /auth/mfa/enroll.", "POST /auth/mfa/enroll দিয়ে শুরু করুন।";
        /// A platform user did not name the tenant.
        TENANT_REQUIRED = "tenant-required", 403, "Choose a tenant first", "আগে একটি টেন্যান্ট বেছে নিন",
            "Send the id or the short name of the tenant in the X-Tenant-Id header.",
            "X-Tenant-Id হেডারে টেন্যান্টের id বা সংক্ষিপ্ত নাম পাঠান।";
        /// The path does not support the method.
        METHOD_NOT_ALLOWED = "method-not-allowed", 405, "This URL does not support this method", "এই ঠিকানায় পদ্ধতিটি চলে না";
        /// The client accepts no content coding of the server.
        NOT_ACCEPTABLE = "not-acceptable", 406, "No accepted content coding is available", "গ্রহণযোগ্য কোনো এনকোডিং নেই",
            "Accept-Encoding must allow br, zstd, gzip or identity. Events are sent as identity only.",
            "Accept-Encoding-এ br, zstd, gzip বা identity থাকতে হবে। ইভেন্ট কেবল identity হিসেবে পাঠানো হয়।";
        /// The body did not arrive in time.
        REQUEST_TIMEOUT = "request-timeout", 408, "The request body did not arrive in time", "পাঠানো তথ্য সময়মতো পৌঁছায়নি",
            "Send the request again.", "অনুরোধটি আবার পাঠান।";
        /// The URL is too long.
        URI_TOO_LONG = "uri-too-long", 414, "The URL is too long", "ঠিকানাটি অনেক লম্বা",
            "Path and query may have at most 8,000 bytes.", "পাথ ও কোয়েরি মিলিয়ে সর্বোচ্চ ৮,০০০ বাইট হতে পারে।";
        /// The body is too large.
        PAYLOAD_TOO_LARGE = "payload-too-large", 413, "The request body is too large", "পাঠানো তথ্য অনেক বড়";
        /// The path does not accept the media type.
        UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", 415, "This URL does not accept this media type", "এই ঠিকানায় এই ধরনের তথ্য দেওয়া যায় না";
        /// The caller exceeded the rate limit.
        TOO_MANY_REQUESTS = "too-many-requests", 429, "Too many requests", "অনেক বেশি অনুরোধ",
            "Try again after the number of seconds in the Retry-After header.", "Retry-After হেডারে দেওয়া সেকেন্ড পরে আবার চেষ্টা করুন।";
    }
}
pub use http::*;

/// Returns the codes that do not belong to a context.
pub fn of_no_context() -> impl Iterator<Item = &'static ProblemCode> {
    haat_application::shared::codes::CODES.iter().chain(http::CODES).copied()
}
