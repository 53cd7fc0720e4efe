//! Databases of demo data, created once, and samples of their content.

use std::path::{Path, PathBuf};
use std::process::Command;

use futures_util::{SinkExt as _, TryStreamExt as _};
use tokio_postgres::{Client, NoTls};
use url::Url;

use crate::Outcome;
use crate::program::program;
use crate::tokens::token;

/// A seeded database.
pub(crate) struct Dataset {
    /// The program that created it, and whose schema it has.
    pub(crate) program: PathBuf,
    pub(crate) retailers: u64,
    pub(crate) owner_url: String,
    pub(crate) app_url: String,
}

/// A sales rep, and the uids of assigned retailers.
pub(crate) struct Rep {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) uids: Vec<String>,
}

/// Creates the sessions for the tokens of a run. No refresh tokens exist for them.
const SESSIONS: &str = "INSERT INTO sessions (tenant_id, id, user_id, token_version, created_at, last_used_at, \
        family_hash, current_hash, seed) \
    SELECT tenant_id, ('00000000-0000-0000-0000-' || lpad(id::text, 12, '0'))::uuid, id, token_version, now(), now(), \
        h, h, h FROM users, decode(repeat('00', 32), 'hex') AS h ON CONFLICT DO NOTHING";

impl Dataset {
    /// Opens the database with this many retailers, and creates and seeds it if it does not exist.
    pub(crate) fn of(retailers: u64) -> Outcome<Self> {
        Self::open(&program()?, &format!("haat_bench_{retailers}"), retailers)
    }

    /// Creates a database with this many retailers for another build, whose schema may be older. To be dropped afterwards.
    pub(crate) fn of_other(program: &Path, retailers: u64) -> Outcome<Self> {
        let name = format!("haat_bench_{retailers}_other");
        query(&std::env::var("HAAT_BENCH_OWNER_URL")?, &format!("DROP DATABASE IF EXISTS {name}"))?;
        Self::open(program, &name, retailers)
    }

    fn open(program: &Path, name: &str, retailers: u64) -> Outcome<Self> {
        let at = |variable: &str| -> Outcome<String> {
            let mut url = Url::parse(&std::env::var(variable).map_err(|_unset| "run scripts/bench")?)?;
            url.set_path(name);
            Ok(url.into())
        };
        let dataset = Self {
            program: program.to_owned(),
            retailers,
            owner_url: at("HAAT_BENCH_OWNER_URL")?,
            app_url: at("HAAT_BENCH_APP_URL")?,
        };
        let admin = std::env::var("HAAT_BENCH_OWNER_URL")?;
        let existing = query(&admin, &format!("SELECT FROM pg_database WHERE datname = '{name}'"))?;
        if existing.is_empty() {
            query(&admin, &format!("CREATE DATABASE {name}"))?;
        }
        let owner = dataset.owner_url.as_str();
        for arguments in [vec!["migrate"], vec!["seed", "--if-empty", "--retailers", &retailers.to_string()]]
        {
            let status = Command::new(program)
                .args(&arguments)
                .envs([("HAAT_OWNER_DATABASE_URL", owner), ("HAAT_ENV", "development")])
                .status()?;
            if !status.success() {
                return Err(format!("haat {} failed", arguments.join(" ")).into());
            }
        }
        dataset.create_sessions()?;
        query(owner, "VACUUM (ANALYZE)")?;
        Ok(dataset)
    }

    /// Creates the sessions of users who have none, for their tokens.
    pub(crate) fn create_sessions(&self) -> Outcome<()> {
        query(&self.owner_url, SESSIONS)?;
        Ok(())
    }

    /// Creates a copy, which can be changed and dropped.
    pub(crate) fn copy(&self, word: &str) -> Outcome<Self> {
        let admin = std::env::var("HAAT_BENCH_OWNER_URL")?;
        let name =
            |url: &str| -> Outcome<String> { Ok(Url::parse(url)?.path().trim_start_matches('/').to_owned()) };
        let (from, to) = (name(&self.owner_url)?, format!("{}_{word}", name(&self.owner_url)?));
        query(&admin, &format!("DROP DATABASE IF EXISTS {to}"))?;
        query(&admin, &format!("CREATE DATABASE {to} TEMPLATE {from}"))?;
        let at = |url: &str| -> Outcome<String> {
            let mut url = Url::parse(url)?;
            url.set_path(&to);
            Ok(url.into())
        };
        let (owner_url, app_url) = (at(&self.owner_url)?, at(&self.app_url)?);
        Ok(Self { program: self.program.clone(), retailers: self.retailers, owner_url, app_url })
    }

    /// Drops a copy.
    pub(crate) fn drop_database(&self) -> Outcome<()> {
        let name = Url::parse(&self.owner_url)?.path().trim_start_matches('/').to_owned();
        query(&std::env::var("HAAT_BENCH_OWNER_URL")?, &format!("DROP DATABASE IF EXISTS {name}"))?;
        Ok(())
    }

    /// Returns up to `count` sales reps with up to 20 of their retailers, the same each time.
    pub(crate) fn reps(&self, count: usize) -> Outcome<Vec<Rep>> {
        let rows = query(
            &self.owner_url,
            &format!(
                "SELECT s.id::text, array_to_string((array_agg(a.uid ORDER BY a.retailer_id))[1:20], ' ') \
                 FROM (SELECT id FROM sales_reps ORDER BY md5(id::text) LIMIT {count}) AS s \
                 JOIN sales_rep_retailers AS a ON a.tenant_id = 1 AND a.sales_rep_id = s.id GROUP BY s.id"
            ),
        )?;
        rows.into_iter()
            .map(|row| {
                let id = row.first().ok_or("no id")?.parse()?;
                let uids = row.get(1).ok_or("no uids")?.split(' ').map(str::to_owned).collect();
                Ok(Rep { id, token: token(id)?, uids })
            })
            .collect()
    }

    /// Returns a token of the administrator.
    pub(crate) fn admin(&self) -> Outcome<String> {
        let rows =
            query(&self.owner_url, "SELECT id::text FROM users WHERE role = 'admin' ORDER BY id LIMIT 1")?;
        token(rows.first().and_then(|row| row.first()).ok_or("no administrator")?.parse()?)
    }
}

/// Runs a statement without parameters and returns the rows as text.
pub(crate) fn query(url: &str, statement: &str) -> Outcome<Vec<Vec<String>>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = connect(url).await?;
        let messages = client.simple_query(statement).await?;
        let rows = messages.into_iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect())
            }
            _ => None,
        });
        Ok(rows.collect())
    })
}

/// Returns the output of a COPY.
pub(crate) fn copy_out(url: &str, statement: &str) -> Outcome<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = connect(url).await?;
        let mut stream = std::pin::pin!(client.copy_out(statement).await?);
        let mut all = Vec::new();
        while let Some(piece) = stream.try_next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    })
}

/// Sends bytes to a COPY.
pub(crate) fn copy_in(url: &str, statement: &str, bytes: Vec<u8>) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = connect(url).await?;
        let mut sink = std::pin::pin!(client.copy_in(statement).await?);
        let bytes = bytes::Bytes::from(bytes);
        // In pieces, because a message cannot hold a gigabyte.
        for from in (0..bytes.len()).step_by(1 << 20) {
            sink.send(bytes.slice(from..bytes.len().min(from + (1 << 20)))).await?;
        }
        sink.finish().await?;
        Ok(())
    })
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
