//! Loading of demo data: everything by COPY, in one transaction.

mod deferred;
mod seeder;
mod targets;
mod writer;

pub use seeder::PgSeeder;
