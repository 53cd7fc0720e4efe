//! The guard in place of row-level security: every scan that the server ran in the tests is limited to a tenant, unless the list
//! below permits it. The suites run first and PostgreSQL logs their plans; `scripts/plan-guard` then runs the check.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use haat_test_support::required_env;
use serde_json::Value;

use crate::allowed::{ALLOWED, Allowed, HASHED};
use crate::plan::{Unlimited, unlimited};

mod allowed;
mod condition;
mod log;
mod plan;

/// A violation: the scan and its statement.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    scan: Unlimited,
    statement: String,
}

/// The result of the check of all plans.
#[derive(Default)]
struct Findings {
    violations: BTreeSet<Violation>,
    /// Entries of the list that permitted a scan.
    used: BTreeSet<usize>,
    statements: BTreeSet<String>,
}

impl Findings {
    fn check(&mut self, plan: &str) {
        let plan: Value = serde_json::from_str(plan).unwrap_or_else(|error| panic!("{error}: {plan}"));
        let statement = plan["Query Text"].as_str().unwrap();
        for scan in unlimited(&plan["Plan"]) {
            let permits = |entry: &Allowed| entry.table == scan.table && statement.contains(entry.statement);
            if HASHED.iter().any(permits) {
                continue;
            }
            let entry = ALLOWED.iter().position(permits);
            match entry {
                Some(entry) => {
                    self.used.insert(entry);
                }
                None => {
                    self.violations.insert(Violation { scan, statement: statement.to_owned() });
                }
            }
        }
        self.statements.insert(statement.to_owned());
    }
}

#[test]
#[ignore = "needs the plans of all other tests: scripts/plan-guard, which make test runs last"]
fn every_scan_is_limited_to_a_tenant() {
    let log = File::open(required_env("HAAT_TEST_LOG")).unwrap();
    let plans = log::plans(BufReader::with_capacity(1 << 20, log)).unwrap();
    let mut findings = Findings::default();
    for plan in &plans.distinct {
        findings.check(plan);
    }
    println!("{} plans, {} distinct", plans.total, plans.distinct.len());
    for Violation { scan, statement } in &findings.violations {
        println!("\n{}\nin: {statement}", scan.scan);
    }
    assert!(
        findings.violations.is_empty(),
        "{} scans above have no condition on the tenant: add it, or permit the statement in {}/allowed.rs",
        findings.violations.len(),
        Path::new(file!()).parent().unwrap().display()
    );
    let missing: Vec<_> = statement_files()
        .into_iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            !findings.statements.iter().any(|statement| statement.contains(text.trim()))
        })
        .collect();
    assert!(missing.is_empty(), "the log has no plan of these statements: {missing:#?}");
    let unused: Vec<_> = (0..ALLOWED.len()).filter(|entry| !findings.used.contains(entry)).collect();
    let unused: Vec<_> = unused.into_iter().map(|entry| ALLOWED[entry].statement).collect();
    assert!(unused.is_empty(), "remove these entries, which permit nothing: {unused:#?}");
}

/// Returns the SQL files of all crates. Each must have been run: a log of a part of the tests proves nothing.
fn statement_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for crate_folder in folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")) {
        let sources = crate_folder.join("src");
        if sources.is_dir() {
            add_statement_files(&sources, &mut files);
        }
    }
    assert!(files.len() > 50, "the crates have moved");
    files
}

fn add_statement_files(sources: &Path, files: &mut Vec<PathBuf>) {
    for path in folder(sources) {
        if path.is_dir() {
            add_statement_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
}

fn folder(path: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn reports_statements_without_the_tenant_unless_permitted() {
    let log = include_bytes!("recorded.txt");
    let mut findings = Findings::default();
    for plan in &log::plans(&log[..]).unwrap().distinct {
        findings.check(plan);
    }
    let violations: Vec<_> =
        findings.violations.iter().map(|violation| violation.scan.scan.as_str()).collect();
    assert_eq!(violations, ["Index Scan on users users: (id = $1)"]);
    assert_eq!(findings.used.len(), 1, "the poll of the change feed is permitted");
}
