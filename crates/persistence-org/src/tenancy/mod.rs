//! Tenants and their settings.

mod settings;
mod tenants;
