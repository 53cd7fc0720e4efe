use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use haat_test_support::{Fixture, PASSWORD, PASSWORD_HASH, TestDatabase};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "a-secret-of-the-tests-0123456789abcdef";

/// A `haat` command with these arguments and, of its own variables, only these.
pub(crate) fn haat(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_haat"));
    for (name, _) in std::env::vars() {
        let is_setting = ["HAAT_", "DATABASE_URL", "REDIS_URL"].iter().any(|prefix| name.starts_with(prefix));
        if is_setting {
            command.env_remove(name);
        }
    }
    command.args(arguments).envs(environment.iter().copied());
    command
}

/// The result of a finished command.
pub(crate) struct CommandOutput {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn run(mut command: Command) -> CommandOutput {
    let output = command.stdin(Stdio::null()).output().unwrap();
    CommandOutput {
        success: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A `haat serve` process; killed when dropped.
pub(crate) struct Server {
    files: std::path::PathBuf,
    child: Child,
    /// Reads standard error to its end, so that a full pipe never blocks the process.
    log: Option<JoinHandle<String>>,
    url: String,
    http: Client,
}

impl Server {
    /// Starts a server on a free port; `overrides` take precedence over the defaults of the tests.
    pub(crate) fn start(database_url: &str, overrides: &[(&str, &str)]) -> Self {
        Self::start_as(database_url, overrides, |command| command)
    }

    /// Starts a server that cannot write files larger than `kib` KiB: further writes fail, as on a full disk.
    pub(crate) fn with_file_size_limit(database_url: &str, overrides: &[(&str, &str)], kib: u32) -> Self {
        Self::start_as(database_url, overrides, |command| {
            // Without the trap, the signal would end the process before the write could fail.
            let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
            let mut shell = Command::new("bash");
            shell.arg("-c").arg(script).arg(command.get_program()).args(command.get_args());
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => shell.env(name, value),
                    None => shell.env_remove(name),
                };
            }
            shell
        })
    }

    fn start_as(
        database_url: &str,
        overrides: &[(&str, &str)],
        wrap: impl FnOnce(Command) -> Command,
    ) -> Self {
        let mut environment = vec![
            ("HAAT_ENV", "development"),
            ("HAAT_BIND", "127.0.0.1:0"),
            ("HAAT_JWT_SECRET", SECRET),
            ("HAAT_BCRYPT_COST", "4"),
            ("HAAT_WORKERS", "2"),
            ("HAAT_DATABASE_POOL", "4"),
            ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "2000"),
            ("HAAT_LOG", "warn"),
            ("HAAT_JOB_STALE_SECONDS", "1"),
            // Lists of activity do not change while a test reads them twice.
            ("HAAT_ACTIVITY_SECONDS", "3600"),
            ("DATABASE_URL", database_url),
        ];
        // One folder per database, because the processes of a database share it.
        let database = database_url.rsplit('/').next().unwrap_or_default();
        let files = std::env::temp_dir().join(format!("haat-tests/{database}"));
        environment.push(("HAAT_FILES", files.to_str().unwrap()));
        environment.extend_from_slice(overrides);
        let mut command = wrap(haat(&["serve"], &environment));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let Some(url) = line.trim().strip_prefix("Haat listens on ").map(str::to_owned) else {
            panic!("haat serve did not start: {}", log.join().unwrap());
        };
        Self { files, child, log: Some(log), url, http: Client::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn log_in_request(&self, body: &Value) -> RequestBuilder {
        self.request(Method::POST, "/auth/login").json(body)
    }

    /// Logs in a user of the fixture and returns the access token.
    pub(crate) async fn token(&self, tenant: &str, username: &str) -> String {
        let body = json!({"tenant": tenant, "username": username, "password": PASSWORD});
        let response = self.log_in_request(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        body["accessToken"].as_str().unwrap().to_owned()
    }

    /// The folder of the server's files.
    pub(crate) fn files(&self) -> std::path::PathBuf {
        self.files.clone()
    }

    /// The address and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Returns `true` if the server accepts new connections.
    pub(crate) async fn accepts(&self) -> bool {
        tokio::net::TcpStream::connect(self.address()).await.is_ok()
    }

    /// The peak resident memory, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the process to end and returns its exit code and standard error.
    pub(crate) fn wait(&mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        (status.code(), self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server with the two tenants of the fixture.
pub(crate) struct App {
    pub(crate) server: Server,
    pub(crate) fixture: Fixture,
    pub(crate) database: TestDatabase,
}

impl App {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(overrides: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new().await;
        let fixture = Fixture::new(&database).await;
        let server = Server::start(&database.app_url(), overrides);
        Self { server, fixture, database }
    }

    /// Sends a request as a user of the tenant `default`, with a JSON body unless it is `null`.
    pub(crate) async fn send_as(&self, username: &str, method: Method, path: &str, body: &Value) -> Response {
        let token = self.server.token("default", username).await;
        let request = self.server.request(method, path).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(body) };
        request.send().await.unwrap()
    }

    /// Adds a super admin with a second factor to the platform tenant, and returns the id and an access token.
    pub(crate) async fn super_admin(&self, username: &str) -> (i64, String) {
        let owner = self.database.owner().await;
        let insert = "INSERT INTO users (tenant_id, username, name, password_hash, role) \
                      SELECT id, $1, 'Karim Khan', $2, 'super_admin' FROM tenants WHERE kind = 'platform' RETURNING id";
        let id: i64 = owner.query_one(insert, &[&username, &PASSWORD_HASH]).await.unwrap().get(0);
        let token = self.server.token("haat-platform", username).await;
        // After the login, which would ask for a code. The state of the user has not been cached yet.
        owner.execute("UPDATE users SET mfa_enabled = TRUE WHERE id = $1", &[&id]).await.unwrap();
        (id, token)
    }

    /// Sends a GET request as a user of the tenant `default`.
    pub(crate) async fn get_as(&self, username: &str, path: &str) -> Response {
        let token = self.server.token("default", username).await;
        self.server.get(path).bearer_auth(token).send().await.unwrap()
    }
}

/// Returns the body of a problem after checking the members and headers that every problem has.
pub(crate) async fn problem(response: Response) -> Value {
    let status = response.status().as_u16();
    let header = |name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    assert_eq!(header("content-type"), "application/problem+json");
    let (id, retry_after, challenge) =
        (header("x-request-id"), header("retry-after"), header("www-authenticate"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["requestId"], id);
    assert!(!id.is_empty());
    let code = body["code"].as_str().unwrap();
    assert_eq!(body["type"], format!("urn:haat:problem:{code}"));
    assert!(!body["title"].as_str().unwrap().is_empty());
    assert!(body["instance"].as_str().unwrap().starts_with('/'));
    assert_eq!(challenge.starts_with("Bearer"), status == 401, "{challenge}");
    let is_temporary = [429, 503].contains(&status) || code == "idempotency-key-in-use";
    assert_eq!(!retry_after.is_empty(), is_temporary, "{retry_after}");
    body
}

/// The body of a response that must succeed.
pub(crate) async fn done(response: Response) -> Value {
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// The claims of an access token.
pub(crate) fn claims_of(token: &str) -> Value {
    use base64::Engine as _;
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

/// A problem's code.
pub(crate) async fn code(response: Response) -> String {
    problem(response).await["code"].as_str().unwrap().to_owned()
}

/// Waits up to 20 seconds for a value. Each attempt that fails says why.
pub(crate) async fn poll<T>(mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(reason) => assert!(started.elapsed() < Duration::from_secs(20), "{reason}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits up to 20 seconds for a condition.
pub(crate) async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    poll(async || condition().await.then_some(()).ok_or_else(|| "the condition is still false".to_owned()))
        .await;
}

/// Waits up to 20 seconds until a statement selects this number.
pub(crate) async fn becomes(database: &TestDatabase, statement: &str, expected: i64) {
    poll(async || {
        let number = database.number(statement).await;
        if number == expected { Ok(()) } else { Err(format!("{statement}: {number}, not {expected}")) }
    })
    .await;
}

/// All files below a folder.
pub(crate) fn list_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { list_files(&entry.path()) } else { vec![entry.path()] })
        .collect()
}
