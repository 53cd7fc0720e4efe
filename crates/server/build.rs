//! Joins the recorded examples of all operations, `examples/OPERATION.json`, into one JSON object. Each operation has a file of
//! its own, so that recording one does not rewrite the others.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=examples");
    let mut members = Vec::new();
    for entry in fs::read_dir("examples")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json")
            && let Some(operation) = path.file_stem()
        {
            members.push(format!("\"{}\": {}", operation.display(), fs::read_to_string(&path)?));
        }
    }
    members.sort();
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("examples.json"), format!("{{{}}}", members.join(",")))
}
