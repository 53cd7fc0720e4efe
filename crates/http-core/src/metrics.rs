use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder,
};

use super::limiter::route_hash;

/// Histogram buckets in seconds. Most requests take less than a millisecond.
const BUCKETS: [f64; 13] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

thread_local! {
    /// Histograms by route and status, cached per thread.
    static HISTOGRAMS: RefCell<HashMap<(u64, StatusCode), Histogram>> = RefCell::default();
}

/// Returns the label of a method. HTTP allows any token as a method, so unknown methods share one label,
/// which bounds the number of time series.
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

/// Request metrics for `/metrics`.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    cache_lookups: IntCounterVec,
}

impl Metrics {
    /// Creates the metrics of requests, and registers them with those of the registry.
    ///
    /// # Errors
    /// [`prometheus::Error`] if two metrics have the same name.
    pub fn new(registry: Registry) -> Result<Self, prometheus::Error> {
        let requests = HistogramVec::new(
            HistogramOpts::new(
                "haat_http_request_duration_seconds",
                "Duration of requests up to the first byte of the response",
            )
            .buckets(BUCKETS.to_vec()),
            &["method", "route", "status"],
        )?;
        let cache_lookups = IntCounterVec::new(
            Opts::new(
                "haat_response_cache_lookups_total",
                "Lookups in the response cache by result: hit, miss, or bypass for responses that are not cached",
            ),
            &["result"],
        )?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(cache_lookups.clone()))?;
        Ok(Self { registry, requests, cache_lookups })
    }

    /// Records a request.
    pub fn request(&self, request: &HttpRequest, status: StatusCode, duration: Duration) {
        // The pattern and not the path, because a client could create any number of time series with paths.
        let histogram = || {
            let route = request.match_pattern().unwrap_or_default();
            self.requests.with_label_values(&[method_label(request.method()), &route, status.as_str()])
        };
        let seconds = duration.as_secs_f64();
        if !status.is_success() {
            return histogram().observe(seconds);
        }
        // Building the pattern and looking up its time series takes longer than the rest, so the histograms
        // of successful requests are cached; these have few routes.
        HISTOGRAMS.with_borrow_mut(|histograms| {
            histograms.entry((route_hash(request), status)).or_insert_with(histogram).observe(seconds);
        });
    }

    /// Counts a cache lookup with its result.
    pub fn cache_lookup(&self, result: &str) {
        self.cache_lookups.with_label_values(&[result]).inc();
    }

    /// Renders the metrics in the text format of Prometheus, version 0.0.4.
    ///
    /// # Errors
    /// [`prometheus::Error`] if the metrics cannot be encoded.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
