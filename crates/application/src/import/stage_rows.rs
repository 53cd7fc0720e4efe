use futures_util::future::join;
use haat_domain::import::{FilePart, ImportStage};

use super::{ImportFile, ImportFileError};

/// Rows and errors are staged in so many at a time.
const STAGED: usize = 5_000;

/// Stages the rows of a file after `staged`, and reads on while they are stored; `false` where the import was stopped.
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

/// What comes next; nothing at the end.
async fn read_part(file: &mut ImportFile, staged: i64) -> Result<Option<FilePart>, ImportFileError> {
    let (mut rows, mut errors, mut to) = (Vec::new(), Vec::new(), None);
    while rows.len() + errors.len() < STAGED
        && let Some((row, read)) = file.next().await?
    {
        if row <= staged {
            // What an attempt before has staged, with its places.
            file.take_new_places();
            continue;
        }
        to = Some(row);
        match read {
            Ok(row) => rows.push(row),
            Err(mut faults) => errors.append(&mut faults),
        }
    }
    Ok(to.map(|to| FilePart { to, rows, errors, places: file.take_new_places() }))
}
