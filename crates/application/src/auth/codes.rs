//! The codes of problems of this context.

crate::problem_codes! {
    /// The access token is invalid.
    INVALID_TOKEN = "invalid-token", 401, "The access token is invalid", "অ্যাক্সেস টোকেনটি সঠিক নয়",
        "Log in again.", "আবার লগ ইন করুন।";
    /// The access token has expired.
    EXPIRED_TOKEN = "expired-token", 401, "The access token has expired", "অ্যাক্সেস টোকেনের মেয়াদ শেষ",
        "Get a new one with POST /auth/refresh.", "POST /auth/refresh দিয়ে নতুন টোকেন নিন।";
    /// The refresh token is invalid.
    INVALID_REFRESH_TOKEN = "invalid-refresh-token", 401, "The refresh token is invalid", "রিফ্রেশ টোকেনটি সঠিক নয়",
        "Log in again.", "আবার লগ ইন করুন।";
    /// The session has ended.
    SESSION_ENDED = "session-ended", 401, "The session has ended", "সেশনটি শেষ হয়েছে",
        "Log in again.", "আবার লগ ইন করুন।";
    /// The username or the password is incorrect.
    INVALID_CREDENTIALS = "invalid-credentials", 401, "Unknown user or incorrect password", "ব্যবহারকারী বা পাসওয়ার্ড সঠিক নয়";
    /// The login needs a second factor.
    MFA_REQUIRED = "mfa-required", 401, "A second factor is required", "দ্বিতীয় ধাপের কোড প্রয়োজন",
        "Send mfaToken and a code to POST /auth/mfa/challenge.", "POST /auth/mfa/challenge ঠিকানায় mfaToken ও একটি কোড পাঠান।";
    /// The token of the login's first step is invalid or has expired.
    INVALID_MFA_TOKEN = "invalid-mfa-token", 401, "The mfaToken is invalid or has expired", "mfaToken সঠিক নয় বা এর মেয়াদ শেষ",
        "Log in again.", "আবার লগ ইন করুন।";
    /// The code of the second factor is incorrect.
    WRONG_MFA_CODE = "wrong-mfa-code", 401, "The code is incorrect or was already used", "কোডটি সঠিক নয়, বা আগে ব্যবহৃত হয়েছে",
        "Send another code.", "অন্য একটি কোড দিন।";
    /// A second factor is already enabled.
    MFA_ENABLED = "mfa-enabled", 409, "A second factor is already enabled", "দ্বিতীয় ধাপ আগে থেকেই চালু আছে",
        "Disable it to set it up again.", "আবার চালু করতে হলে আগে এটি বন্ধ করুন।";
    /// No second factor is set up.
    MFA_NOT_ENABLED = "mfa-not-enabled", 409, "No second factor is set up", "দ্বিতীয় ধাপ চালু নেই",
        "To set one up, start with POST /auth/mfa/enroll.", "চালু করতে POST /auth/mfa/enroll দিয়ে শুরু করুন।";
    /// The server has no keys for second factors.
    MFA_NOT_CONFIGURED = "mfa-not-configured", 409, "This server does not support a second factor", "এই সার্ভারে দ্বিতীয় ধাপের ব্যবস্থা নেই",
        "The operator of the server must set HAAT_MFA_KEYS.", "সার্ভারের পরিচালককে HAAT_MFA_KEYS নির্ধারণ করতে হবে।";
    /// Too many attempts to log in failed.
    TOO_MANY_FAILED_LOGINS = "too-many-failed-logins", 429, "Too many incorrect passwords or codes", "অনেকবার ভুল পাসওয়ার্ড বা কোড দেওয়া হয়েছে",
        "Try again after the number of seconds in the Retry-After header.", "Retry-After হেডারে দেওয়া সেকেন্ড পরে আবার চেষ্টা করুন।";
}
