//! The codes of problems that several contexts have.

crate::problem_codes! {
    /// The caller lacks the permission.
    FORBIDDEN = "forbidden", 403, "You do not have permission to do this", "এটি করার অনুমতি আপনার নেই";
    /// The resource does not exist in the caller's scope.
    NOT_FOUND = "not-found", 404, "Not found", "পাওয়া যায়নি";
    /// The access token has been revoked.
    TOKEN_REVOKED = "token-revoked", 401, "The access token has been revoked", "অ্যাক্সেস টোকেনটি বাতিল করা হয়েছে",
        "Log in again.", "আবার লগ ইন করুন।";
    /// The request with this key is still in progress.
    IDEMPOTENCY_KEY_IN_USE = "idempotency-key-in-use", 409, "A request with this Idempotency-Key is still in progress", "এই Idempotency-Key-এর একটি অনুরোধ এখনও চলছে",
        "Try again shortly.", "একটু পরে আবার চেষ্টা করুন।";
    /// The key was used for another request.
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused", 422, "This Idempotency-Key was used for another request", "এই Idempotency-Key অন্য অনুরোধে ব্যবহৃত হয়েছে",
        "Use a new key.", "নতুন একটি কী ব্যবহার করুন।";
    /// A value that must be unique is already in use.
    ALREADY_EXISTS = "already-exists", 409, "Already exists", "এটি আগে থেকেই আছে";
    /// The cursor does not belong to the list.
    INVALID_CURSOR = "invalid-cursor", 400, "The cursor does not belong to this list", "কার্সরটি এই তালিকার নয়",
        "Read the list again from its first page.", "তালিকাটি প্রথম পাতা থেকে আবার পড়ুন।";
    /// Other records refer to the resource.
    IN_USE = "in-use", 409, "Still in use", "এটি এখনও ব্যবহৃত হচ্ছে",
        "Remove these references first; `references` lists their counts.", "যা এটিকে উল্লেখ করে তা আগে সরান; সংখ্যাগুলো references-এ আছে।";
    /// The tenant has too many queued jobs of this kind.
    JOB_LIMIT_REACHED = "job-limit-reached", 429, "Too many jobs of this kind are waiting", "এই ধরনের অনেক কাজ অপেক্ষায় আছে",
        "Try again after some of them have ended.", "কয়েকটি শেষ হলে আবার চেষ্টা করুন।";
    /// The version in `If-Match` is stale.
    PRECONDITION_FAILED = "precondition-failed", 412, "The resource has changed since you read it", "আপনি পড়ার পরে এটি বদলে গেছে",
        "Read the resource again and repeat the change.", "আবার পড়ুন, তারপর পরিবর্তনটি আবার করুন।";
    /// Fields of the request are invalid.
    INVALID_FIELDS = "invalid-fields", 422, "Some fields are invalid", "কিছু তথ্য সঠিক নয়";
    /// The server failed.
    INTERNAL_ERROR = "internal-error", 500, "Something went wrong on the server", "সার্ভারে একটি সমস্যা হয়েছে",
        "Contact support with the requestId.", "requestId-সহ সহায়তা কেন্দ্রে যোগাযোগ করুন।";
    /// The server cannot respond at the moment.
    UNAVAILABLE = "unavailable", 503, "Temporarily unavailable", "এই মুহূর্তে পাওয়া যাচ্ছে না",
        "Try again after the number of seconds in the Retry-After header.", "Retry-After হেডারে দেওয়া সেকেন্ড পরে আবার চেষ্টা করুন।";
}
