use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder,
};

use super::limiter::route_hash;

/// Seconds. Most answers take less than a millisecond.
const BUCKETS: [f64; 13] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

thread_local! {
    /// The histograms of this thread's routes.
    static KNOWN: RefCell<HashMap<(u64, StatusCode), Histogram>> = RefCell::default();
}

/// Any word is a method to HTTP; whoever sends many must not make as many lines.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What is counted of requests, for `/metrics`.
pub(crate) struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    answers: IntCounterVec,
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = HistogramVec::new(
            HistogramOpts::new(
                "haat_http_request_seconds",
                "How long requests took, to the answer's first byte",
            )
            .buckets(BUCKETS.to_vec()),
            &["method", "route", "status"],
        )?;
        let answers = IntCounterVec::new(
            Opts::new(
                "haat_answers_total",
                "Reads by where their answer came from: memory, made, or not kept",
            ),
            &["from"],
        )?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(answers.clone()))?;
        Ok(Self { registry, requests, answers })
    }

    /// Counts a request.
    pub(crate) fn request(&self, request: &HttpRequest, status: StatusCode, took: Duration) {
        // Not the path: whoever asks for many would make as many lines.
        let histogram = || {
            let route = request.match_pattern().unwrap_or_default();
            self.requests.with_label_values(&[method_label(request.method()), &route, status.as_str()])
        };
        let seconds = took.as_secs_f64();
        if !status.is_success() {
            return histogram().observe(seconds);
        }
        // Making the pattern and finding its line takes longer than the rest; a success has one of few routes.
        KNOWN.with_borrow_mut(|known| {
            known.entry((route_hash(request), status)).or_insert_with(histogram).observe(seconds);
        });
    }

    /// Counts a read.
    pub(crate) fn answer(&self, from: &str) {
        self.answers.with_label_values(&[from]).inc();
    }

    /// In the text format of Prometheus, version 0.0.4.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
