//! The `haat` binary, as a library so that its tests reach it: configuration, wiring and commands. The only place
//! that knows which implementation stands behind a port.

pub mod cli;
mod commands;
mod config;
mod files;
mod jobs;
mod security;
mod system;
mod telemetry;
mod wiring;
