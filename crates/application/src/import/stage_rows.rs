use futures_util::future::join;
use haat_domain::import::{FilePart, ImportStage};

use super::{ImportFile, ImportFileError};

/// The number of rows and errors staged in one chunk.
const CHUNK: usize = 5_000;

/// Stages the rows of a file after row `staged`, and reads the next chunk while the current one is stored.
/// Returns `false` if the import was stopped.
pub(super) async fn stage_rows(
    stage: &mut dyn ImportStage,
    file: &mut ImportFile,
    staged: i64,
) -> Result<bool, ImportFileError> {
    let mut read = read_part(file, staged).await?;
    while let Some(part) = read {
        let (added, next) = join(stage.add(part), read_part(file, staged)).await;
        if !added? {
            return Ok(false);
        }
        read = next?;
    }
    Ok(true)
}

/// Reads the next chunk; `None` at the end of the file.
async fn read_part(file: &mut ImportFile, staged: i64) -> Result<Option<FilePart>, ImportFileError> {
    let (mut rows, mut errors, mut failed, mut to) = (Vec::new(), Vec::new(), Vec::new(), None);
    while rows.len() + errors.len() < CHUNK
        && let Some((row, read)) = file.next().await?
    {
        if row <= staged {
            // An earlier attempt staged this row and its places.
            file.take_new_places();
            continue;
        }
        to = Some(row);
        match read {
            Ok(row) => rows.push(row),
            Err(mut row_errors) => {
                errors.append(&mut row_errors.errors);
                failed.extend(row_errors.uid);
            }
        }
    }
    Ok(to.map(|to| FilePart { to, rows, errors, failed, places: file.take_new_places() }))
}
