use std::pin::pin;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::SinkExt as _;
use haat_domain::shared::StorageFailure;
use tokio_postgres::Client;
use tokio_postgres::types::{IsNull, ToSql, Type};

use super::raw_failure;

/// Bytes sent to the connection at a time. With the 4 KiB of `BinaryCopyInWriter` a quarter of the time went into waking it.
const BUFFER_SIZE: usize = 64 * 1024;

/// Header of a binary COPY: signature, no flags, no extension (PostgreSQL documentation, COPY, Binary Format).
const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// A table, its columns and their types.
pub struct Target {
    /// The name of the table.
    pub table: &'static str,
    /// The name and type of each column that is filled.
    pub columns: &'static [(&'static str, Type)],
}

/// Streams rows into a table with binary COPY; `values` turns a row into its cells, in the order of the columns.
/// Returns the number of rows.
///
/// # Errors
/// [`StorageFailure`]; cells that do not match the columns are [`StorageFailure::Broken`].
pub async fn copy<T>(
    client: &Client,
    target: &Target,
    rows: impl Iterator<Item = T> + Send,
    values: impl Fn(&T, &mut Cells<'_>) + Send,
) -> Result<u64, StorageFailure> {
    let columns: Vec<&str> = target.columns.iter().map(|(name, _)| *name).collect();
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", target.table, columns.join(", "));
    let mut sink = pin!(client.copy_in::<_, Bytes>(&statement).await.map_err(raw_failure)?);
    let mut buffer = BytesMut::with_capacity(BUFFER_SIZE);
    buffer.put_slice(HEADER);
    for row in rows {
        let mut cells = Cells { buffer: &mut buffer, columns: target.columns, written: Ok(()) };
        values(&row, &mut cells);
        cells.written?;
        if buffer.len() >= BUFFER_SIZE {
            sink.send(buffer.split().freeze()).await.map_err(raw_failure)?;
        }
    }
    // Trailer: -1 in place of a row's number of cells.
    buffer.put_i16(-1);
    sink.send(buffer.freeze()).await.map_err(raw_failure)?;
    sink.finish().await.map_err(raw_failure)
}

/// Writer of one row's cells.
pub struct Cells<'a> {
    buffer: &'a mut BytesMut,
    columns: &'static [(&'static str, Type)],
    written: Result<(), StorageFailure>,
}

impl Cells<'_> {
    /// Writes all cells of the row, in the order of the columns.
    pub fn write(&mut self, values: &[&(dyn ToSql + Sync)]) {
        self.written = self.try_write(values);
    }

    fn try_write(&mut self, values: &[&(dyn ToSql + Sync)]) -> Result<(), StorageFailure> {
        let broken = |reason: String| StorageFailure::Broken(format!("row for COPY: {reason}"));
        let count = i16::try_from(values.len()).map_err(|error| broken(error.to_string()))?;
        if values.len() != self.columns.len() {
            return Err(broken(format!("{count} cells for {} columns", self.columns.len())));
        }
        self.buffer.put_i16(count);
        for (value, (column, kind)) in values.iter().zip(self.columns) {
            let start = self.buffer.len();
            self.buffer.put_i32(-1);
            let written = value.to_sql_checked(kind, self.buffer);
            if let IsNull::No = written.map_err(|error| broken(format!("{column}: {error}")))? {
                let length = i32::try_from(self.buffer.len() - start - 4);
                let length = length.map_err(|error| broken(format!("{column}: {error}")))?;
                if let Some(prefix) = self.buffer.get_mut(start..start + 4) {
                    prefix.copy_from_slice(&length.to_be_bytes());
                }
            }
        }
        Ok(())
    }
}

/// Builds the argument of [`Cells::write`](crate::bulk::Cells::write) from a row's values.
#[macro_export]
macro_rules! cells {
    ($($value:expr),+ $(,)?) => {
        &[$(&$value),+]
    };
}
