//! The requests of sales reps that the rows send.

use crate::Outcome;
use crate::dataset::Rep;
use crate::load::Request;

/// Returns a request for the retailers of each sales rep.
pub(crate) fn lists(reps: &[Rep], prefix: &str) -> Vec<Request> {
    let one =
        |rep: &Rep| Request { method: "GET", path: format!("{prefix}/retailers"), token: rep.token.clone() };
    reps.iter().map(one).collect()
}

/// Returns requests for the details of listed retailers, up to five of each sales rep.
pub(crate) fn details(method: &'static str, reps: &[Rep], prefix: &str) -> Vec<Request> {
    let retailers = reps.iter().flat_map(|rep| rep.uids.iter().take(5).map(move |uid| (rep, uid)));
    retailers
        .map(|(rep, uid)| Request {
            method,
            path: format!("{prefix}/retailers/{uid}"),
            token: rep.token.clone(),
        })
        .collect()
}

/// Sends each request once and returns the bodies.
pub(crate) fn send_each(url: &str, requests: &[Request]) -> Outcome<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut bodies = Vec::new();
        for request in requests {
            let response =
                client.get(format!("{url}{}", request.path)).bearer_auth(&request.token).send().await?;
            bodies.push(response.error_for_status()?.text().await?);
        }
        Ok(bodies)
    })
}
