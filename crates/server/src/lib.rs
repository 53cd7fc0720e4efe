//! The `haat` binary, as a library so that its tests can use it: configuration, wiring and commands. The only crate
//! that knows the implementation of each port.

pub mod background;
pub mod cli;
mod commands;
mod config;
mod contexts;
mod demo_platform;
mod guides;
mod job_runner;
mod system;
mod telemetry;
mod wiring;
