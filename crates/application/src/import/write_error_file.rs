use std::sync::Arc;

use haat_domain::import::{ImportId, ImportReader};
use haat_domain::shared::{FileStore, StorageFailure, TenantId};

use super::ErrorFile;
use crate::shared::{Allowed, ManageRetailers, Refusal, Refused, codes};

/// Returns the rows of an import that have errors as a CSV file, to be corrected and imported again.
pub struct WriteErrorFile {
    imports: Arc<dyn ImportReader>,
    files: Arc<dyn FileStore>,
}

/// Errors of [`WriteErrorFile`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteErrorFileError {
    /// The import does not exist.
    #[error("there is no such import")]
    NotFound,
    /// The imported file is missing from the file store.
    #[error("the imported file is missing from the file store (HAAT_FILES)")]
    FileGone,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for WriteErrorFileError {
    fn refuse(&self) -> Refused {
        match self {
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::FileGone => Refused::new(&codes::NOT_FOUND).detail(
                "The imported file is not in the file store of this server (HAAT_FILES).",
                "আমদানি করা ফাইলটি এই সার্ভারের ফাইল স্টোরে (HAAT_FILES) নেই।",
            ),
            Self::Storage(failure) => failure.refuse(),
        }
    }
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
    /// [`WriteErrorFileError`].
    pub async fn execute(
        &self,
        allowed: &Allowed<ManageRetailers>,
        import: ImportId,
    ) -> Result<ErrorFile, WriteErrorFileError> {
        self.by_operator(allowed.tenant, import).await
    }

    /// Returns the file to the operator at the command line.
    ///
    /// # Errors
    /// [`WriteErrorFileError`].
    pub async fn by_operator(
        &self,
        tenant: TenantId,
        import: ImportId,
    ) -> Result<ErrorFile, WriteErrorFileError> {
        let found = self.imports.find(tenant, import).await?.ok_or(WriteErrorFileError::NotFound)?;
        let original = self.files.open(&found.file).await?.ok_or(WriteErrorFileError::FileGone)?;
        Ok(ErrorFile::new(self.imports.clone(), tenant, import, original))
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use haat_domain::import::{Import, ImportCounts, ImportOptions, ImportState, MockImportReader};
    use haat_domain::shared::{FileReader, FileWriter};

    use super::*;
    use crate::testing::{Pieces, actor, allowed, noon};

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

    async fn execute(found: Option<Import>) -> Result<Option<Vec<u8>>, WriteErrorFileError> {
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
        assert_eq!(execute(None).await, Err(WriteErrorFileError::NotFound));
        assert_eq!(execute(Some(import("g"))).await, Err(WriteErrorFileError::FileGone));
        let head = "\u{FEFF}uid,row,code,field,message,message_bn\r\n".as_bytes().to_vec();
        assert_eq!(execute(Some(import("f"))).await, Ok(Some(head)));
    }
}
