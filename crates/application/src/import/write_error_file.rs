use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::import::{ImportId, ImportReader};
use haat_domain::job::FailedRow;
use haat_domain::shared::{FileReader, FileStore, StorageFailure, TenantId};

use super::header::known_positions;
use super::messages::row_message;
use crate::job::{ErrorFile, ErrorFileError, FailedRows, FileFormat};
use crate::shared::{Allowed, ManageRetailers, ReadError};

/// Files of retailers. Their errors have the number of the record, not of the row of a spreadsheet.
const FORMAT: FileFormat = FileFormat {
    columns: |header| {
        known_positions(header).into_iter().map(|(column, place)| (column.as_str(), place)).collect()
    },
    row: |record, _| record,
    message: row_message,
};

/// The recorded errors of an import.
struct ImportErrors {
    imports: Arc<dyn ImportReader>,
    tenant: TenantId,
    import: ImportId,
}

#[async_trait]
impl FailedRows for ImportErrors {
    async fn failed_rows(&self, after: i64, at_most: u16) -> Result<Vec<FailedRow>, StorageFailure> {
        self.imports.failed_rows(self.tenant, self.import, after, at_most).await
    }
}

/// Returns the rows of an import that have errors as a CSV file, to be corrected and imported again.
pub struct WriteErrorFile {
    imports: Arc<dyn ImportReader>,
    files: Arc<dyn FileStore>,
}

impl WriteErrorFile {
    /// Builds the use case.
    #[must_use]
    pub fn new(imports: Arc<dyn ImportReader>, files: Arc<dyn FileStore>) -> Self {
        Self { imports, files }
    }

    /// Returns the file, to be read piece by piece.
    ///
    /// # Errors
    /// [`ErrorFileError`].
    pub async fn execute(
        &self,
        allowed: &Allowed<ManageRetailers>,
        import: ImportId,
    ) -> Result<ErrorFile, ErrorFileError> {
        self.by_operator(allowed.tenant, import).await
    }

    /// Returns the file to the operator at the command line.
    ///
    /// # Errors
    /// [`ErrorFileError`].
    pub async fn by_operator(&self, tenant: TenantId, import: ImportId) -> Result<ErrorFile, ErrorFileError> {
        let found = self.imports.find(tenant, import).await?.ok_or(ReadError::NotFound)?;
        if found.file.is_empty() {
            return Err(ErrorFileError::Expired);
        }
        let original = self.files.open(&found.file).await?.ok_or(ErrorFileError::FileGone)?;
        Ok(error_file(self.imports.clone(), tenant, import, original))
    }
}

fn error_file(
    imports: Arc<dyn ImportReader>,
    tenant: TenantId,
    import: ImportId,
    original: Box<dyn FileReader>,
) -> ErrorFile {
    ErrorFile::new(Box::new(ImportErrors { imports, tenant, import }), FORMAT, original)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use haat_domain::import::{Import, ImportCounts, ImportOptions, ImportState, MockImportReader};
    use haat_domain::shared::FileWriter;

    use super::*;
    use crate::import::{ImportFile, ReadRow};
    use crate::testing::{Pieces, actor, allowed, noon, sales_map};

    /// A file store with the file `f`.
    struct OneFile;

    #[async_trait]
    impl FileStore for OneFile {
        async fn create(&self, _: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
            Err(StorageFailure::Broken("not supported".into()))
        }

        async fn open(&self, name: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
            Ok((name == "f").then(|| Box::new(Pieces::of(&[b"uid\n"])) as Box<dyn FileReader>))
        }

        async fn remove(&self, _: &str) -> Result<(), StorageFailure> {
            Ok(())
        }
    }

    fn import(file: &str) -> Import {
        Import {
            id: ImportId::new(4),
            actor: None,
            batch: None,
            state: ImportState::Partial,
            file_name: None,
            file: file.to_owned(),
            size: 4,
            options: ImportOptions::default(),
            columns: None,
            extra_columns: vec![],
            column_headers: std::collections::BTreeMap::new(),
            warnings: vec![],
            failure: None,
            failure_columns: Vec::new(),
            total: 0,
            applied_to: 0,
            counts: ImportCounts::default(),
            preview: None,
            undo: None,
            request_id: String::new(),
            created_at: noon(),
            started_at: None,
            finished_at: None,
        }
    }

    async fn execute(found: Option<Import>) -> Result<Option<Vec<u8>>, ErrorFileError> {
        let mut imports = MockImportReader::new();
        imports
            .expect_find()
            .withf(|tenant, id| (*tenant, id.get()) == (actor().tenant, 4))
            .returning(move |_, _| Ok(found.clone()));
        let write = WriteErrorFile::new(Arc::new(imports), Arc::new(OneFile));
        let mut file = write.execute(&allowed(), ImportId::new(4)).await?;
        Ok(file.next().await?)
    }

    #[tokio::test]
    async fn returns_the_error_file_while_the_original_is_stored() {
        assert_eq!(execute(None).await, Err(ErrorFileError::Job(ReadError::NotFound)));
        assert_eq!(execute(Some(import("g"))).await, Err(ErrorFileError::FileGone));
        let head = "\u{FEFF}uid,row,code,field,message,message_bn\r\n".as_bytes().to_vec();
        assert_eq!(execute(Some(import("f"))).await, Ok(Some(head)));
    }

    /// A reader of these rows with errors, which returns at most ten at a time.
    fn reader(failed: Vec<FailedRow>) -> Arc<dyn ImportReader> {
        let mut imports = MockImportReader::new();
        imports.expect_failed_rows().returning(move |_, _, after, most| {
            assert_eq!(most, 1_000);
            Ok(failed.iter().filter(|row| row.row > after).take(10).cloned().collect())
        });
        Arc::new(imports)
    }

    async fn read(file: &[u8]) -> Vec<ReadRow> {
        let pieces = Box::new(Pieces::of(&[file]));
        let map = Arc::new(sales_map());
        let mut file = ImportFile::open(pieces, &ImportOptions::default(), map).await.unwrap();
        let mut rows = Vec::new();
        while let Some(row) = file.next().await.unwrap() {
            rows.push(row);
        }
        rows
    }

    fn failed(rows: &[ReadRow]) -> Vec<FailedRow> {
        let failed = rows.iter().filter_map(|(row, read)| Some((*row, read.as_ref().err()?)));
        let error =
            |field: &str, code: &str, value: &str| (field.to_owned(), code.to_owned(), value.to_owned());
        failed
            .map(|(row, errors)| FailedRow {
                row,
                errors: errors
                    .errors
                    .iter()
                    .map(|found| error(found.field, found.code, &found.value))
                    .collect(),
            })
            .collect()
    }

    async fn written(file: &[u8], failed: Vec<FailedRow>) -> Vec<Vec<u8>> {
        let original = Box::new(Pieces::of(&[file]));
        let mut errors = super::error_file(reader(failed), TenantId::new(1), ImportId::new(2), original);
        let mut pieces = Vec::new();
        while let Some(piece) = errors.next().await.unwrap() {
            pieces.push(piece);
        }
        pieces
    }

    /// The error file of a file, without errors that depend on the database.
    async fn error_file(file: &[u8]) -> String {
        let failed = failed(&read(file).await);
        String::from_utf8(written(file, failed).await.concat()).unwrap()
    }

    const FILE: &str = "Owner;UID;name;territory_id;phone;notes\n\
        Rahim;A;Ma Store;1;;fine\n\
        =1+1;B;;1;12;'=kept\n\
        ;;;;;\n\
        Karim;C;\"'-1; and\ntwo\";1;'+880 12;\n\
        ;D;a;1;;b;more;=2\n\
        ;E;\u{FFFD};1;;\n";

    #[tokio::test]
    async fn writes_original_rows_with_their_errors() {
        let text = error_file(FILE.as_bytes()).await;
        let (required, phone) = (row_message("required", "name"), row_message("invalid-phone", "phone"));
        let mut lines = text.split("\r\n");
        assert_eq!(
            lines.next(),
            Some("\u{FEFF}Owner;UID;name;territory_id;phone;notes;row;code;field;message;message_bn")
        );
        let first = format!(
            "'=1+1;B;;1;12;'=kept;3;\"required; invalid-phone\";\"name; phone\";\"{}; {}\";\"{}; {}\"",
            required.en, phone.en, required.bn, phone.bn
        );
        assert_eq!(lines.next(), Some(&*first));
        let second =
            format!("Karim;C;\"'-1; and\ntwo\";1;'+880 12;;5;invalid-phone;phone;{};{}", phone.en, phone.bn);
        assert_eq!(lines.next(), Some(&*second));
        let third = lines.next().unwrap();
        assert!(
            third.starts_with(";D;a;1;;b;6;wrong-column-count;row;") && third.ends_with(";more;'=2"),
            "{third}"
        );
        assert!(lines.next().unwrap().starts_with(";E;\u{FFFD};1;;;7;invalid-encoding;name;"));
        assert_eq!(lines.collect::<Vec<_>>(), [""]);
    }

    #[tokio::test]
    async fn an_uncorrected_error_file_yields_the_same_errors_and_columns() {
        let first = error_file(FILE.as_bytes()).await;
        let rows = read(first.as_bytes()).await;
        let codes = |rows: &[ReadRow]| -> Vec<Vec<(&str, &str)>> {
            let errors = rows.iter().filter_map(|(_, row)| row.as_ref().err());
            errors.map(|row| row.errors.iter().map(|error| (error.field, error.code)).collect()).collect()
        };
        assert_eq!(codes(&rows), codes(&read(FILE.as_bytes()).await));
        let again = error_file(first.as_bytes()).await;
        assert_eq!(again.lines().next(), first.lines().next(), "the added columns are not repeated");
        let renumbered =
            [(";3;\"req", ";2;\"req"), (";5;inv", ";3;inv"), (";6;wr", ";4;wr"), (";7;inv", ";5;inv")];
        let expected = renumbered.into_iter().fold(first, |text, (from, to)| text.replace(from, to));
        assert_eq!(again, expected);
    }

    #[tokio::test]
    async fn writes_phones_so_that_a_spreadsheet_does_not_change_them() {
        let text =
            error_file(b"uid,name,territory_id,Mobile,notes\nA,,1,+8801711234567,8801711234567\n").await;
        assert!(text.contains("\r\nA,,1,01711-234567,8801711234567,2,required,name,"), "{text}");
    }

    #[tokio::test]
    async fn corrected_rows_are_valid() {
        let text = error_file("uid,name,territory_id\nA,=1+1,\nB,\"x\ny\",\nC,c,1\n".as_bytes()).await;
        let corrected = text.replace("A,'=1+1,,", "A,'=1+1,1,").replace("\"x\ny\",,", "\"x\ny\",1,");
        let rows = read(corrected.as_bytes()).await;
        let names: Vec<_> =
            rows.iter().map(|(_, row)| row.as_ref().unwrap().name.as_ref().unwrap().as_str()).collect();
        assert_eq!(names, ["=1+1", "x y"]);
    }

    #[tokio::test]
    async fn keeps_original_columns_with_the_name_of_an_added_one() {
        let text = error_file(b"uid,name,territory_id,code,row\nA,,1,x,y\n").await;
        assert!(text.contains("uid,name,territory_id,code,row,row,code,field,message,message_bn\r\n"));
        assert!(text.contains("\r\nA,,1,x,y,2,required,name,"));
    }

    #[tokio::test]
    async fn writes_large_files_piece_by_piece() {
        let line = format!("{},,1\n", "x".repeat(30_000));
        let file = format!("uid,name,territory_id\n{}", line.repeat(20));
        let failed = (1..=20).map(|row| FailedRow { row, errors: vec![] }).collect();
        let pieces = written(file.as_bytes(), failed).await;
        assert!(pieces.iter().all(|piece| piece.len() < 128 << 10), "{}", pieces.len());
        assert_eq!(String::from_utf8(pieces.concat()).unwrap().lines().count(), 21);
    }

    #[tokio::test]
    async fn a_file_without_rows_yields_a_header_only() {
        let columns = format!("\u{FEFF}{}\r\n", "row,code,field,message,message_bn").into_bytes();
        for file in [b"".as_slice(), b"PK\x03\x04"] {
            assert_eq!(written(file, vec![]).await.concat(), columns);
        }
        // The same applies to a file that is now shorter.
        let failed = vec![FailedRow { row: 9, errors: vec![] }];
        assert_eq!(written(b"uid\nA\n", failed).await.len(), 1);
    }
}
