//! Requests at a fixed rate, regardless of the duration of each.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::load::Request;

/// Sends a number of requests per second to a server.
pub(crate) struct Paced {
    client: reqwest::Client,
    url: String,
    per_second: u32,
}

impl Paced {
    pub(crate) fn new(url: &str, per_second: u32) -> Self {
        Self { client: reqwest::Client::new(), url: url.to_owned(), per_second }
    }

    /// Returns the 95th percentile of the latency, measured from the time at which a request is due.
    pub(crate) async fn p95(&self, requests: &[Request], time: Duration) -> Outcome<Duration> {
        let (began, mut sent) = (Instant::now(), Vec::new());
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / self.per_second);
        for request in requests.iter().cycle() {
            let due = ticks.tick().await.into_std();
            if began.elapsed() >= time {
                break;
            }
            let url = format!("{}{}", self.url, request.path);
            let request = self.client.get(url).bearer_auth(&request.token);
            sent.push(tokio::spawn(async move {
                let read = async { request.send().await?.error_for_status()?.bytes().await };
                read.await.map(|_| due.elapsed())
            }));
        }
        let mut times = Vec::with_capacity(sent.len());
        for request in sent {
            times.push(request.await??);
        }
        times.sort_unstable();
        Ok(times.get(times.len() * 95 / 100).copied().ok_or("no requests")?)
    }
}
