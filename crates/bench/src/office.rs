//! What an administrator asks of a server.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use crate::Outcome;

/// An administrator.
pub(crate) struct Office {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Office {
    pub(crate) fn new(url: String, token: String) -> Self {
        Self { client: reqwest::Client::new(), url, token }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Outcome<()> {
        self.answer(self.client.post(format!("{}{path}", self.url)).json(body)).await?;
        Ok(())
    }

    /// Sends a file and waits until it has been worked on: how long that took, and what became of it.
    pub(crate) async fn file(&self, path: &str, file: Vec<u8>) -> Outcome<(Duration, Value)> {
        let started = Instant::now();
        let request = self.client.post(format!("{}{path}", self.url)).header("content-type", "text/csv");
        let accepted = self.answer(request.body(file)).await?;
        let location = accepted.headers().get("location").ok_or("no location")?.to_str()?;
        let url = format!("{}{location}", self.url);
        loop {
            let work: Value = self.answer(self.client.get(&url)).await?.json().await?;
            match work.get("state").and_then(Value::as_str) {
                Some("SUCCEEDED") => return Ok((started.elapsed(), work)),
                Some("QUEUED" | "RUNNING" | "VALIDATING" | "APPLYING") => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                _ => return Err(work.to_string().into()),
            }
        }
    }

    async fn answer(&self, request: RequestBuilder) -> Outcome<Response> {
        let response = request.bearer_auth(&self.token).send().await?;
        if response.status().is_success() { Ok(response) } else { Err(response.text().await?.into()) }
    }
}
