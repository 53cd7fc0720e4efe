//! The migrations are compiled in; cargo sees a file that changes but not a folder that is new.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
