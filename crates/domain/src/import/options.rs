//! How a file is to be taken.

/// Which shops the rows of a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportMode {
    /// New ones are created, known ones updated.
    #[default]
    Upsert,
    /// New ones only; a known uid is an error.
    Create,
    /// Known ones only; an unknown uid is an error.
    Update,
}

/// What becomes of the file when a row has an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// The row is left out.
    #[default]
    Skip,
    /// Nothing is written. Decided when all rows have been checked.
    Abort,
}

/// What becomes of rows with the same uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// All of them are errors, as nobody can know which is meant.
    #[default]
    Error,
    /// The last one counts, whatever is wrong with those before it.
    Last,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ }) => {
        impl $name {
            /// The word for it, as in the contract and in storage.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What a word means.
            #[must_use]
            pub fn from_name(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(super) use words;

words!(ImportMode { Upsert = "upsert", Create = "create", Update = "update" });
words!(OnError { Skip = "skip", Abort = "abort" });
words!(Duplicates { Error = "error", Last = "last" });

/// How a file is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Whether to stop when all is known of what would happen.
    pub dry_run: bool,
    /// Which shops its rows may name.
    pub mode: ImportMode,
    /// What becomes of it when a row has an error.
    pub on_error: OnError,
    /// Whether places that are not on the map are created.
    pub create_missing: bool,
    /// What becomes of rows with the same uid.
    pub duplicates: Duplicates,
    /// Whether rows may name deleted shops, which are restored by that.
    pub restore_deleted: bool,
}
