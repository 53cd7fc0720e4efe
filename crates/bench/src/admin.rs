//! Requests of an administrator.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use crate::Outcome;

/// A client with an administrator's access token.
pub(crate) struct AdminClient {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl AdminClient {
    pub(crate) fn new(url: String, token: String) -> Self {
        Self { client: reqwest::Client::new(), url, token }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Outcome<()> {
        self.send(self.client.post(format!("{}{path}", self.url)).json(body)).await?;
        Ok(())
    }

    /// Uploads a file and waits until its job has succeeded. Returns the duration and the job; fails for any other
    /// final state.
    pub(crate) async fn upload(&self, path: &str, file: Vec<u8>) -> Outcome<(Duration, Value)> {
        let started = Instant::now();
        let request = self.client.post(format!("{}{path}", self.url)).header("content-type", "text/csv");
        let accepted = self.send(request.body(file)).await?;
        let location = accepted.headers().get("location").ok_or("no location")?.to_str()?;
        let url = format!("{}{location}", self.url);
        loop {
            let job: Value = self.send(self.client.get(&url)).await?.json().await?;
            match job.get("state").and_then(Value::as_str) {
                Some("SUCCEEDED") => return Ok((started.elapsed(), job)),
                Some("QUEUED" | "RUNNING" | "VALIDATING" | "APPLYING") => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                _ => return Err(job.to_string().into()),
            }
        }
    }

    async fn send(&self, request: RequestBuilder) -> Outcome<Response> {
        let response = request.bearer_auth(&self.token).send().await?;
        if response.status().is_success() { Ok(response) } else { Err(response.text().await?.into()) }
    }
}
