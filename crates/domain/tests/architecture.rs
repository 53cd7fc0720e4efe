//! The allowed dependencies between crates, and between the modules of a crate. Reads the cargo metadata and the
//! sources of the workspace; see docs/ARCHITECTURE.md.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/modules.rs"]
mod modules;
#[path = "architecture/tokens.rs"]
mod tokens;

/// The crates of the workspace, without their prefix, and the other crates that each may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("application", &["domain"]),
    ("persistence-core", &["domain"]),
    // One crate for each group of contexts, on top of `persistence-core`.
    ("persistence-adapter", &["domain", "application", "persistence-core"]),
    ("persistence-org", &["domain", "persistence-core", "persistence-adapter"]),
    ("cache-adapter", &["domain", "application"]),
    ("storage-adapter", &["domain"]),
    ("crypto-adapter", &["domain"]),
    ("http-core", &["domain", "application"]),
    // As above, on top of `http-core`.
    ("http-adapter", &["domain", "application", "http-core"]),
    ("http-org", &["domain", "application", "http-core"]),
    (
        "server",
        &[
            "domain",
            "application",
            "persistence-adapter",
            "persistence-org",
            "cache-adapter",
            "storage-adapter",
            "crypto-adapter",
            "http-core",
            "http-adapter",
            "http-org",
            "demo",
        ],
    ),
    // A test of the two cores.
    ("second-group", &["domain", "application", "persistence-core", "persistence-org", "http-core"]),
    // Demo data is not part of the product: only the command `haat seed` and tests use it.
    ("demo", &["domain", "persistence-adapter"]),
    ("test-support", &["domain", "application", "persistence-adapter", "demo"]),
    // Uses Haat only from outside, and measures the libraries on their own.
    ("bench", &[]),
];

/// Libraries that belong to one layer: only the listed crates may depend on a library that matches the
/// pattern.
const RESERVED: &[(&str, &[&str])] = &[
    ("diesel", &["persistence-core", "persistence-adapter", "persistence-org", "second-group", "bench"]),
    ("tokio-postgres", &["persistence-core", "persistence-adapter", "demo", "test-support", "bench"]),
    ("redis", &["cache-adapter"]),
    ("deadpool-redis", &["cache-adapter"]),
    ("moka", &["cache-adapter"]),
    ("quick", &["cache-adapter"]),
    ("actix", &["http-core", "http-adapter", "http-org", "second-group", "bench"]),
    ("utoipa", &["http-core", "http-adapter", "http-org", "second-group"]),
    ("anyhow", &["server"]),
    ("object_store", &["storage-adapter"]),
    ("bcrypt", &["crypto-adapter"]),
    ("jsonwebtoken", &["crypto-adapter", "bench"]),
    ("totp-rs", &["crypto-adapter"]),
    ("chacha20poly1305", &["crypto-adapter"]),
    ("hmac", &["crypto-adapter"]),
];

/// Reserved libraries that the tests of another crate may use, to act as a client.
const USED_BY_TESTS: &[(&str, &str)] = &[("server", "jsonwebtoken"), ("server", "totp-rs")];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns the dependencies of each workspace crate, each with true for a dev-dependency.
fn edges() -> BTreeMap<String, BTreeSet<(String, bool)>> {
    packages()
        .iter()
        .map(|package| {
            let name = text(&package["name"]).trim_start_matches("haat-").to_owned();
            let edges = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|dep| (text(&dep["name"]).to_owned(), text(&dep["kind"]) == "dev"))
                .collect();
            (name, edges)
        })
        .collect()
}

/// Returns the violations of the rules, one line each.
fn violations(edges: &BTreeMap<String, BTreeSet<(String, bool)>>) -> Vec<String> {
    let mut violations = Vec::new();
    for (name, deps) in edges {
        let Some((_, allowed)) = ALLOWED.iter().find(|(krate, _)| krate == name) else {
            violations.push(format!("{name} has no rule"));
            continue;
        };
        for (dep, dev) in deps {
            if let Some(internal) = dep.strip_prefix("haat-") {
                // Only tests may use the test support and enable the mocks of other crates.
                let for_tests = *dev
                    && (internal == "test-support" || internal == "domain" || allowed.contains(&internal));
                if !allowed.contains(&internal) && !for_tests {
                    violations.push(format!("{name} -> {internal}"));
                }
            }
            let reserved = RESERVED.iter().find(|(library, _)| {
                dep == library
                    || dep.starts_with(&format!("{library}-"))
                    || dep.starts_with(&format!("{library}_"))
            });
            if let Some((_, owners)) = reserved
                && !owners.contains(&name.as_str())
                && !(*dev && USED_BY_TESTS.contains(&(name.as_str(), dep.as_str())))
            {
                violations.push(format!("{name} -> {dep}"));
            }
        }
    }
    violations
}

#[test]
fn crates_depend_only_on_the_layer_below() {
    assert_eq!(violations(&edges()), Vec::<String>::new());
}

#[test]
fn every_rule_names_an_existing_crate() {
    let edges = edges();
    for (name, _) in ALLOWED {
        assert!(edges.contains_key(*name), "{name}");
    }
}

#[test]
fn detects_forbidden_dependencies() {
    let edge = |name: &str, dep: &str, dev| {
        violations(&BTreeMap::from([(name.to_owned(), BTreeSet::from([(dep.to_owned(), dev)]))]))
    };
    assert_eq!(edge("domain", "haat-application", false), ["domain -> application"]);
    assert_eq!(
        edge("http-adapter", "haat-persistence-adapter", false),
        ["http-adapter -> persistence-adapter"]
    );
    assert_eq!(edge("cache-adapter", "haat-http-adapter", true), ["cache-adapter -> http-adapter"]);
    assert_eq!(edge("http-adapter", "haat-test-support", false), ["http-adapter -> test-support"]);
    assert_eq!(edge("persistence-adapter", "haat-demo", false), ["persistence-adapter -> demo"]);
    assert_eq!(edge("application", "diesel", false), ["application -> diesel"]);
    assert_eq!(edge("server", "diesel-async", false), ["server -> diesel-async"]);
    assert_eq!(edge("domain", "actix-web", false), ["domain -> actix-web"]);
    assert_eq!(edge("server", "object_store", true), ["server -> object_store"]);
    assert_eq!(edge("server", "totp-rs", false), ["server -> totp-rs"]);
    assert_eq!(edge("http-adapter", "anyhow", false), ["http-adapter -> anyhow"]);
    assert_eq!(edge("newcomer", "serde", false), ["newcomer has no rule"]);
    assert_eq!(edge("server", "haat-test-support", true), Vec::<String>::new());
    assert_eq!(edge("server", "totp-rs", true), Vec::<String>::new());
}

#[test]
fn request_handling_crates_have_no_http_client() {
    for name in ["domain", "application", "http-core", "http-adapter", "http-org"] {
        let clients = ["reqwest", "hyper", "hyper-util", "awc", "ureq", "isahc", "object_store"];
        let forbidden: Vec<_> = edges()[name]
            .iter()
            .filter(|(dep, dev)| !dev && clients.contains(&dep.as_str()))
            .cloned()
            .collect();
        assert_eq!(forbidden, [], "{name}");
    }
}

/// Returns the root folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_crate_forbids_unsafe_code() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for package in packages() {
        let manifest = std::fs::read_to_string(text(&package["manifest_path"])).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package["name"]);
    }
}

/// Returns all Rust files in a folder and its subfolders, by path, with their texts.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(sources(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&entry).unwrap();
            files.push((entry, text));
        }
    }
    files
}

#[test]
fn every_security_claim_names_a_test() {
    let claims = std::fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    let sources = sources(&root().join("crates"));
    let sources: String = sources.into_iter().map(|(_, text)| text).collect();
    let mut named = 0;
    let tables = claims.split("\n## ").filter(|section| section.starts_with("OWASP"));
    // Skip the header and the separator of each table.
    for row in tables.flat_map(|table| table.lines().filter(|line| line.starts_with('|')).skip(2)) {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let tests: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}()")), "no such test: {test}");
            named += 1;
        }
    }
    assert!(named > 50, "{named}");
}
