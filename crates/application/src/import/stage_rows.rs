use futures_util::future::join;
use haat_domain::import::{ImportError, ImportRow, ImportStage, NewPlace};

use super::{ImportFile, ImportFileError};

/// Rows and errors are staged in so many at a time.
const STAGED: usize = 5_000;

/// A part of a file, up to a row.
struct Part {
    to: i64,
    rows: Vec<ImportRow>,
    errors: Vec<ImportError>,
    places: Vec<(i32, NewPlace)>,
}

/// Stages the rows of a file after `staged`, and reads on while they are stored; `false` where the import was stopped.
pub(super) async fn stage_rows(
    stage: &mut dyn ImportStage,
    file: &mut ImportFile,
    staged: i64,
) -> Result<bool, ImportFileError> {
    let mut read = read_part(file, staged).await?;
    while let Some(part) = read {
        let add = stage.add(part.to, &part.rows, &part.errors, &part.places);
        let (added, next) = join(add, read_part(file, staged)).await;
        if !added? {
            return Ok(false);
        }
        read = next?;
    }
    Ok(true)
}

/// What comes next; nothing at the end.
async fn read_part(file: &mut ImportFile, staged: i64) -> Result<Option<Part>, ImportFileError> {
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
    Ok(to.map(|to| Part { to, rows, errors, places: file.take_new_places() }))
}
