//! Loading into PostgreSQL: everything by COPY, in one transaction.

mod company;
mod deferred;
mod offsets;
mod seeder;
mod targets;
mod writer;

pub use seeder::PgSeeder;
