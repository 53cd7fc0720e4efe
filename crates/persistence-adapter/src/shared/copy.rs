use std::pin::pin;

use haat_domain::shared::StorageFailure;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::raw_failure;

/// A table, its columns and their types.
pub(crate) struct Target {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [(&'static str, Type)],
}

/// Streams rows into a table with binary COPY; `values` turns a row into its values, in the order of the columns.
pub(crate) async fn copy<T>(
    client: &Client,
    target: &Target,
    rows: impl Iterator<Item = T> + Send,
    values: impl for<'r> Fn(&'r T, &mut Vec<Box<dyn ToSql + Sync + Send + 'r>>) + Send,
) -> Result<u64, StorageFailure> {
    let columns: Vec<&str> = target.columns.iter().map(|(name, _)| *name).collect();
    let types: Vec<Type> = target.columns.iter().map(|(_, kind)| kind.clone()).collect();
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", target.table, columns.join(", "));
    let sink = client.copy_in(&statement).await.map_err(raw_failure)?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for row in rows {
        let mut cells = Vec::with_capacity(types.len());
        values(&row, &mut cells);
        writer.as_mut().write_raw(cells).await.map_err(raw_failure)?;
    }
    writer.finish().await.map_err(raw_failure)
}

/// A row's values, each behind the one type that [`copy`] takes.
macro_rules! cells {
    ($($value:expr),+ $(,)?) => {
        [$(Box::new($value) as Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>),+]
    };
}
pub(crate) use cells;
