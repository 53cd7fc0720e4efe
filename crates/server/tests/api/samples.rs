//! Valid requests to every route with a facet, for the tests of shared behaviour. For a new resource, add a file to
//! `tests/samples`; for any other route, add an entry to [`SAMPLES`].

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::App;

/// A server, its data, and the tokens of an administrator and of a super admin.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) token: String,
    super_token: String,
    created: AtomicUsize,
}

impl World {
    pub(crate) async fn new() -> Self {
        let app = App::new().await;
        let token = app.server.token("default", "admin").await;
        let (_, super_token) = app.super_admin("root").await;
        Self { app, token, super_token, created: AtomicUsize::new(0) }
    }

    /// Returns an unused name.
    fn name(&self) -> String {
        self.named("sample")
    }

    fn named(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.created.fetch_add(1, Ordering::SeqCst))
    }

    /// Sends a request as the administrator, or as the super admin if it is about tenants, with a JSON body unless it is
    /// `null`.
    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let method: Method = method.to_uppercase().parse().unwrap();
        let token = if path.starts_with("/tenants") { &self.super_token } else { &self.token };
        let request = self.app.server.request(method, path).bearer_auth(token);
        if body.is_null() { request } else { request.json(body) }
    }

    /// Sends a change that must succeed, and returns the path in `Location` and the body.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> (String, Value) {
        let response = self.request("post", path, body).send().await.unwrap();
        let (status, location) = (response.status(), response.headers().get("location").cloned());
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        let location = location.map(|location| location.to_str().unwrap().to_owned()).unwrap_or_default();
        (location, serde_json::from_str(&text).unwrap())
    }

    /// Fills in the placeholders of a sample. New names begin with `prefix`.
    pub(crate) async fn fill(&self, body: &Value, prefix: &str) -> Value {
        let mut body = body.clone();
        for value in body.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
            let text = value.as_str().unwrap_or_default();
            if text == "{new name}" {
                *value = self.named(prefix).into();
            } else if let Some(table) = text.strip_prefix("{id from ").and_then(|rest| rest.strip_suffix('}'))
            {
                *value = self.id(table).await.into();
            }
        }
        body
    }

    /// Creates a retailer and returns its uid.
    async fn retailer(&self) -> String {
        let uid = self.name();
        let territory = self.id("territories").await;
        let body = json!({"uid": uid, "name": "Mita Store", "territory": territory});
        self.create("/admin/retailers", &body).await;
        uid
    }

    /// Creates an administrator and returns the path.
    async fn user(&self) -> String {
        let body = json!({"username": self.name(), "name": "Rahima", "roles": ["admin"]});
        self.create("/users", &body).await.0
    }

    /// Creates an administrator and returns the id.
    async fn user_id(&self) -> i64 {
        self.user().await.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Creates a team and returns the path.
    async fn team(&self, members: &[i64]) -> String {
        self.create("/teams", &json!({"name": self.name(), "members": members})).await.0
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
type MakeSample = for<'a> fn(&'a World) -> BoxFuture<'a, Sample>;

/// A resource with the usual routes: a file in `tests/samples`. A text `{new name}` in a body is replaced by an unused
/// name, and `{id from TABLE}` by the smallest id in a table.
pub(crate) struct Resource {
    /// The path of the collection; `POST` to it creates the resource.
    pub(crate) collection: String,
    /// The body of a new resource, also used to replace one.
    pub(crate) create: Value,
    /// The body of a patch; `null` if the resource cannot be patched.
    patch: Value,
}

/// Reads all resources.
pub(crate) fn resources() -> Vec<Resource> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let resources = files.map(|file| {
        let mut sample: Value = serde_json::from_slice(&file).unwrap();
        let collection = sample["collection"].as_str().unwrap().to_owned();
        Resource { collection, create: sample["create"].take(), patch: sample["patch"].take() }
    });
    resources.collect()
}

macro_rules! sample {
    ($route:literal, |$w:ident| $sample:expr) => {
        ($route, |$w| async move { $sample }.boxed())
    };
}

/// Returns the body that assigns a retailer.
fn assignment(uid: &str) -> Value {
    json!({"assignments": [{"salesRep": "sr00002", "retailers": [uid]}]})
}

/// Requests to routes other than the usual routes of a resource.
const SAMPLES: &[(&str, MakeSample)] = &[
    sample!("patch /admin/settings", |_w| {
        ("/admin/settings".to_owned(), json!({"mfaRequiredForAdmins": false}))
    }),
    sample!("patch /retailers/{uid}", |w| {
        let points = w.created.fetch_add(1, Ordering::SeqCst);
        ("/retailers/RTL-0001".to_owned(), json!({"points": points}))
    }),
    sample!("post /admin/retailers/{uid}/restore", |w| {
        let path = format!("/admin/retailers/{}", w.retailer().await);
        assert!(w.request("delete", &path, &Value::Null).send().await.unwrap().status().is_success());
        (format!("{path}/restore"), Value::Null)
    }),
    sample!("post /users/{id}/reset-password", |w| {
        (format!("{}/reset-password", w.user().await), Value::Null)
    }),
    sample!("post /users/{id}/roles", |w| {
        (format!("{}/roles", w.user().await), json!({"roles": ["sales_rep"]}))
    }),
    sample!("put /users/{id}/roles", |w| {
        (format!("{}/roles", w.user().await), json!({"roles": ["national_manager"]}))
    }),
    sample!("delete /users/{id}/roles/{grantId}", |w| {
        let roles = format!("{}/roles", w.user().await);
        let list: Value = w.request("get", &roles, &Value::Null).send().await.unwrap().json().await.unwrap();
        (format!("{roles}/{}", list["data"][0]["id"]), Value::Null)
    }),
    sample!("put /tenants/{id}", |w| {
        let (tenant, _) = w.create("/tenants", &json!({"slug": w.name(), "name": "Acme"})).await;
        (tenant, json!({"name": w.name()}))
    }),
    sample!("put /users/{id}", |w| (w.user().await, json!({"name": w.name()}))),
    sample!("put /users/{id}/status", |w| {
        (format!("{}/status", w.user().await), json!({"status": "suspended"}))
    }),
    sample!("post /teams/{id}/members", |w| {
        (format!("{}/members", w.team(&[]).await), json!({"users": [w.user_id().await]}))
    }),
    sample!("delete /teams/{id}/members/{userId}", |w| {
        let user = w.user_id().await;
        (format!("{}/members/{user}", w.team(&[user]).await), Value::Null)
    }),
    sample!("post /admin/assignments/bulk", |w| {
        ("/admin/assignments/bulk".to_owned(), assignment(&w.retailer().await))
    }),
    sample!("post /admin/assignments/plans", |w| {
        ("/admin/assignments/plans".to_owned(), assignment(&w.retailer().await))
    }),
    sample!("post /admin/assignments/plans/{id}/apply", |w| {
        let plan = assignment(&w.retailer().await);
        let (path, _) = w.create("/admin/assignments/plans", &plan).await;
        (format!("{path}/apply"), Value::Null)
    }),
    sample!("post /admin/assignments/bulk-unassign", |w| {
        let assignment = assignment(&w.retailer().await);
        w.create("/admin/assignments/bulk", &assignment).await;
        ("/admin/assignments/bulk-unassign".to_owned(), assignment)
    }),
    sample!("post /admin/assignments/transfer", |_w| {
        ("/admin/assignments/transfer".to_owned(), json!({"from": "sr00002", "to": ["sr00001"]}))
    }),
    sample!("post /admin/assignments/batches/{id}/undo", |w| {
        let assignment = assignment(&w.retailer().await);
        let (_, batch) = w.create("/admin/assignments/bulk", &assignment).await;
        (format!("/admin/assignments/batches/{}/undo", batch["batchId"]), Value::Null)
    }),
];

/// Returns a valid request to a route, or `None` if the route has no sample.
pub(crate) async fn sample(world: &World, route: &str) -> Option<Sample> {
    if let Some((_, make)) = SAMPLES.iter().find(|(sampled, _)| *sampled == route) {
        return Some(make(world).await);
    }
    let (method, path) = route.split_once(' ')?;
    let of = |resource: &Resource| {
        let rest = path.strip_prefix(resource.collection.as_str());
        rest.is_some_and(|rest| ["", "/{id}", "/{uid}"].contains(&rest))
    };
    let resource = resources().into_iter().find(of)?;
    let create = world.fill(&resource.create, "sample").await;
    if method == "post" {
        return Some((path.to_owned(), create));
    }
    let (created, _) = world.create(&resource.collection, &create).await;
    let body = match method {
        "patch" => world.fill(&resource.patch, "sample").await,
        "put" => world.fill(&resource.create, "sample").await,
        _ => Value::Null,
    };
    Some((created, body))
}
