//! A valid request to every route with a facet, for the tests of shared behaviour. A new resource adds one entry to
//! [`resources`], another route one entry to [`samples`].

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::App;

/// A server, its data, and an administrator's token.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) token: String,
    created: AtomicUsize,
}

impl World {
    pub(crate) async fn new() -> Self {
        let app = App::new().await;
        let token = app.server.token("default", "admin").await;
        Self { app, token, created: AtomicUsize::new(0) }
    }

    /// Returns a name that nothing has yet.
    fn name(&self) -> String {
        format!("sample{}", self.created.fetch_add(1, Ordering::SeqCst))
    }

    /// Sends a request as the administrator, with a JSON body unless it is `null`.
    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let method: Method = method.to_uppercase().parse().unwrap();
        let request = self.app.server.request(method, path).bearer_auth(&self.token);
        if body.is_null() { request } else { request.json(body) }
    }

    /// Sends a change that must succeed, and returns the path in `Location` and the body.
    async fn create(&self, path: &str, body: &Value) -> (String, Value) {
        let response = self.request("post", path, body).send().await.unwrap();
        let (status, location) = (response.status(), response.headers().get("location").cloned());
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        let location = location.map(|location| location.to_str().unwrap().to_owned()).unwrap_or_default();
        (location, serde_json::from_str(&text).unwrap())
    }

    /// Returns the smallest id in a table of the tenant.
    async fn id(&self, table: &str) -> i64 {
        let owner = self.app.database.owner().await;
        let first = format!("SELECT min(id) FROM {table} WHERE tenant_id = $1");
        owner.query_one(&first, &[&self.app.fixture.ours.tenant]).await.unwrap().get(0)
    }
}

/// The path and the body of a valid request. The body is `null` if there is none.
pub(crate) type Sample = (String, Value);
type Make = for<'a> fn(&'a World) -> BoxFuture<'a, Value>;
type MakeSample = for<'a> fn(&'a World) -> BoxFuture<'a, Sample>;

/// A resource with the usual routes.
pub(crate) struct Resource {
    /// The path of the collection; `POST` to it creates the resource.
    pub(crate) collection: &'static str,
    /// The body of a new resource.
    pub(crate) create: Make,
    /// The body of a patch; `null` if the resource cannot be patched.
    pub(crate) patch: Make,
}

macro_rules! resource {
    ($collection:literal, |$w:ident| $create:expr, patch $patch:expr) => {
        Resource {
            collection: $collection,
            create: |$w| async move { $create }.boxed(),
            patch: |$w| {
                let _ = $w;
                async move { $patch }.boxed()
            },
        }
    };
}

/// All resources with the usual routes.
pub(crate) fn resources() -> Vec<Resource> {
    vec![
        resource!("/admin/regions", |w| json!({"name": w.name()}), patch json!({"name": w.name()})),
        resource!("/admin/areas", |w| json!({"name": w.name(), "region": w.id("regions").await}),
            patch json!({"name": w.name()})),
        resource!("/admin/territories", |w| json!({"name": w.name(), "area": w.id("areas").await}),
            patch json!({"name": w.name()})),
        resource!("/admin/distributors", |w| json!({"name": w.name()}), patch json!({"name": w.name()})),
        resource!("/admin/place-aliases",
            |w| json!({"kind": "area", "place": w.id("areas").await, "alias": w.name()}), patch Value::Null),
        resource!("/admin/users", |w| json!({"username": w.name(), "name": "Rahima"}), patch json!({"name": w.name()})),
        resource!("/admin/sales-reps", |w| json!({"username": w.name(), "name": "Karim"}),
            patch json!({"name": w.name()})),
        resource!("/admin/retailers",
            |w| json!({"uid": w.name(), "name": "Mita Store", "territory": w.id("territories").await}),
            patch json!({"name": w.name()})),
    ]
}

macro_rules! sample {
    ($route:literal, |$w:ident| $sample:expr) => {
        ($route, (|$w| async move { $sample }.boxed()) as MakeSample)
    };
}

/// Requests to routes that are not those of a resource.
fn samples() -> Vec<(&'static str, MakeSample)> {
    let bulk = || json!({"assignments": [{"salesRep": "sr00002", "retailers": ["RTL-0006"]}]});
    let _ = bulk;
    vec![
        sample!("patch /admin/settings", |w| {
            let _ = w;
            ("/admin/settings".to_owned(), json!({"mfaRequiredForAdmins": false}))
        }),
        sample!("patch /retailers/{uid}", |w| {
            let points = w.created.fetch_add(1, Ordering::SeqCst);
            ("/retailers/RTL-0001".to_owned(), json!({"points": points}))
        }),
        sample!("post /admin/retailers/{uid}/restore", |w| {
            let body = json!({"uid": w.name(), "name": "Mita Store", "territory": w.id("territories").await});
            let (path, _) = w.create("/admin/retailers", &body).await;
            assert!(w.request("delete", &path, &Value::Null).send().await.unwrap().status().is_success());
            (format!("{path}/restore"), Value::Null)
        }),
        sample!("post /admin/users/{id}/reset-password", |w| {
            let (path, _) = w.create("/admin/users", &json!({"username": w.name(), "name": "Rahima"})).await;
            (format!("{path}/reset-password"), Value::Null)
        }),
        sample!("post /admin/assignments/bulk", |w| {
            let uid = w.name();
            let body = json!({"uid": uid, "name": "Mita Store", "territory": w.id("territories").await});
            w.create("/admin/retailers", &body).await;
            (
                "/admin/assignments/bulk".to_owned(),
                json!({"assignments": [{"salesRep": "sr00002", "retailers": [uid]}]}),
            )
        }),
        sample!("post /admin/assignments/plans", |w| {
            let uid = w.name();
            let body = json!({"uid": uid, "name": "Mita Store", "territory": w.id("territories").await});
            w.create("/admin/retailers", &body).await;
            (
                "/admin/assignments/plans".to_owned(),
                json!({"assignments": [{"salesRep": "sr00002", "retailers": [uid]}]}),
            )
        }),
        sample!("post /admin/assignments/plans/{id}/apply", |w| {
            let uid = w.name();
            let body = json!({"uid": uid, "name": "Mita Store", "territory": w.id("territories").await});
            w.create("/admin/retailers", &body).await;
            let plan = json!({"assignments": [{"salesRep": "sr00002", "retailers": [uid]}]});
            let (path, _) = w.create("/admin/assignments/plans", &plan).await;
            (format!("{path}/apply"), Value::Null)
        }),
        sample!("post /admin/assignments/bulk-unassign", |w| {
            let uid = w.name();
            let body = json!({"uid": uid, "name": "Mita Store", "territory": w.id("territories").await});
            w.create("/admin/retailers", &body).await;
            let bulk = json!({"assignments": [{"salesRep": "sr00002", "retailers": [uid]}]});
            w.create("/admin/assignments/bulk", &bulk).await;
            ("/admin/assignments/bulk-unassign".to_owned(), bulk)
        }),
        sample!("post /admin/assignments/transfer", |w| {
            let _ = w;
            ("/admin/assignments/transfer".to_owned(), json!({"from": "sr00002", "to": ["sr00001"]}))
        }),
        sample!("post /admin/assignments/batches/{id}/undo", |w| {
            let uid = w.name();
            let body = json!({"uid": uid, "name": "Mita Store", "territory": w.id("territories").await});
            w.create("/admin/retailers", &body).await;
            let bulk = json!({"assignments": [{"salesRep": "sr00002", "retailers": [uid]}]});
            let (_, batch) = w.create("/admin/assignments/bulk", &bulk).await;
            (format!("/admin/assignments/batches/{}/undo", batch["batchId"]), Value::Null)
        }),
    ]
}

/// Returns a valid request to a route, or `None` if the route has no sample.
pub(crate) async fn sample(world: &World, route: &str) -> Option<Sample> {
    if let Some((_, make)) = samples().into_iter().find(|(sampled, _)| *sampled == route) {
        return Some(make(world).await);
    }
    let (method, path) = route.split_once(' ')?;
    let of = |resource: &Resource| {
        let rest = path.strip_prefix(resource.collection);
        rest.is_some_and(|rest| ["", "/{id}", "/{uid}"].contains(&rest))
    };
    let resource = resources().into_iter().find(of)?;
    let create = (resource.create)(world).await;
    if method == "post" {
        return Some((path.to_owned(), create));
    }
    let (created, _) = world.create(resource.collection, &create).await;
    let body = match method {
        "patch" => (resource.patch)(world).await,
        "put" => (resource.create)(world).await,
        _ => Value::Null,
    };
    Some((created, body))
}
