//! The allowed dependencies between the modules of a crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::modules::Modules;
use crate::{packages, sources, text};

/// The contexts of lower layers that the folder `shared` of a crate may use; within its crate it uses no context.
/// They are what every use case, transaction or request needs:
/// - a use case knows its caller (`auth`), whose grants the database lists, and a change of any context has an audit entry and a stored response;
/// - a transaction writes these, and jobs, and its commit is in the change feed (`sync`);
/// - filters name places of the sales map (`territory`), and the scope of a caller may consist of teams (`team`).
const USED_BY_SHARED: &[(&str, &[&str])] = &[
    ("application", &["audit", "auth", "change", "team", "territory"]),
    ("persistence-core", &["audit", "auth", "change", "job", "sync"]),
    ("cache-adapter", &["sync"]),
];

/// Returns the modules of each crate of the workspace.
fn modules() -> BTreeMap<String, Modules> {
    let modules = packages().into_iter().map(|package| {
        let name = text(&package["name"]).trim_start_matches("haat-").to_owned();
        let folder = Path::new(text(&package["manifest_path"])).with_file_name("src");
        let files = sources(&folder);
        // The library of a crate that has one has all its modules.
        let is_library = folder.join("lib.rs").exists();
        let files = files.iter().map(|(path, text)| (path.strip_prefix(&folder).unwrap(), text.as_str()));
        let files = files.map(|(path, text)| (path.to_str().unwrap(), text));
        (name, Modules::parse(files.filter(|(path, _)| !is_library || *path != "main.rs")))
    });
    modules.collect()
}

#[test]
fn modules_do_not_use_each_other_in_circles() {
    let mut count = 0;
    for (name, modules) in modules() {
        assert_eq!(modules.circles(), Vec::<String>::new(), "{name}");
        count += modules.len();
    }
    assert!(count > 300, "{count}");
}

#[test]
fn shared_modules_use_only_the_listed_contexts() {
    for (name, modules) in modules() {
        let allowed = USED_BY_SHARED.iter().find(|(krate, _)| *krate == name).map_or(&[][..], |rule| rule.1);
        let allowed = allowed.iter().map(|context| (*context).to_owned()).collect();
        assert_eq!(modules.used_by_shared(), (BTreeSet::new(), allowed), "{name}");
    }
}

#[test]
fn detects_circles_between_contexts() {
    let circles = |retailer: &str| {
        Modules::parse([
            ("lib.rs", "//! A crate.\nmod retailer;\nmod shared;\nmod territory;"),
            ("retailer/mod.rs", "mod model;\npub use model::{Retailer, fold};"),
            ("retailer/model.rs", retailer),
            ("shared/mod.rs", ""),
            ("territory/mod.rs", "mod places;\npub use places::Place;"),
            ("territory/places.rs", "use crate::retailer::{\n    Retailer, fold,\n};\npub struct Place;"),
        ])
        .circles()
    };
    let circle = |used: &str| {
        vec![
            format!("src: retailer -> territory (retailer/model uses {used})"),
            "src: territory -> retailer (territory/places uses crate::retailer::Retailer)".to_owned(),
        ]
    };
    assert_eq!(circles("use crate::shared::Id;"), Vec::<String>::new());
    assert_eq!(circles("use crate::territory::Place;"), circle("crate::territory::Place"));
    assert_eq!(circles("fn of(p: &crate::territory::Place) {}"), circle("crate::territory::Place"));
    assert_eq!(circles("use crate::{shared, territory::Place as P};"), circle("crate::territory::Place"));
    for harmless in [
        "/// See [`crate::territory::Place`].\nstruct Retailer<'a>(&'a str);",
        "const TEXT: &str = \"\\\"crate::territory::Place\";\nconst C: char = '\"';",
        "const TEXT: &str = r#\"\" crate::territory::Place\"#;",
        "#[cfg(test)]\nmod tests {\n    use crate::territory::Place;\n}",
        "#[cfg(test)]\nuse crate::territory::Place;",
        "use haat_domain::territory::Place;",
    ] {
        assert_eq!(circles(harmless), Vec::<String>::new(), "{harmless}");
    }
}

#[test]
fn detects_circles_between_the_files_of_a_folder() {
    let circles = |header: &str| {
        let index = "mod error_file;\nmod header;\nmod row;\n#[cfg(test)]\nmod testing;\n\
                     pub use error_file::ErrorFile;\npub use header::*;\npub use row::Row;\nconst KIND: &str = \"import\";";
        Modules::parse([
            ("lib.rs", "pub mod import;"),
            ("import/mod.rs", index),
            ("import/error_file.rs", "use super::row::Row;\npub struct ErrorFile(Row);\npub fn added() {}"),
            ("import/header.rs", header),
            ("import/row.rs", "use super::{Header, KIND};\npub struct Row(Header);"),
            ("import/testing.rs", "use super::{ErrorFile, Row};\npub struct Header;"),
        ])
        .circles()
    };
    assert_eq!(circles("pub struct Header;"), Vec::<String>::new());
    let by_name = circles("use super::ErrorFile;\npub struct Header;");
    let by_file = circles("pub struct Header;\nfn read() { super::error_file::added() }");
    for (found, used) in [(by_name, "super::ErrorFile"), (by_file, "super::error_file::added")] {
        let expected = [
            "src/import: error_file -> row (import/error_file uses super::row::Row)".to_owned(),
            format!("src/import: header -> error_file (import/header uses {used})"),
            "src/import: row -> header (import/row uses super::Header)".to_owned(),
        ];
        assert_eq!(found, expected);
    }
}

#[test]
fn detects_contexts_used_by_shared_modules() {
    let modules = Modules::parse([
        ("lib.rs", "mod audit;\nmod shared;"),
        ("audit/mod.rs", ""),
        ("shared/mod.rs", "mod caller;\nmod tx;"),
        ("shared/caller.rs", "use haat_application::auth::Authenticate;\nuse haat_domain::shared::Role;"),
        ("shared/tx.rs", "use super::caller;\nuse crate::audit::AuditWriter;"),
    ]);
    let names = |name: &str| BTreeSet::from([name.to_owned()]);
    assert_eq!(modules.used_by_shared(), (names("audit"), names("auth")));
}
