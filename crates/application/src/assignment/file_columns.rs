//! The columns of an assignment file, and its rows.

use haat_domain::assignment::{BatchKind, RepSelector, RequestedAssignment};
use haat_domain::job::JobError;
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::csv_value;

use super::messages::row_message;
use crate::job::{FileFormat, JobFailure, column_names};
use crate::shared::{EMPLOYEE_CODE_NAMES, Record, UID_NAMES, column_positions, is_placeholder, shortened};

/// Assignment files. Their errors have the row of a spreadsheet.
pub(super) const FORMAT: FileFormat =
    FileFormat { columns: known_columns, row: |_, record| record.sheet_row(), message: row_message };

/// Stands for bytes that cannot be decoded.
const UNDECODABLE: &str = "\u{FFFD}";

/// Names of the column with a sales rep's id, username or employee code.
const REP_NAMES: &[&str] = &[
    "salesrep",
    "salesrepid",
    "salesrepresentative",
    "sr",
    "srid",
    "username",
    "বিক্রয় প্রতিনিধি",
    "প্রতিনিধি",
    "এসআর",
];

/// Names of the column with all sales reps of a retailer, as an export of retailers has it.
const SET_NAMES: &[&str] = &["salesreps", "salesrepresentatives", "srs", "বিক্রয় প্রতিনিধিরা", "প্রতিনিধিরা"];

/// Names of the column with the sales rep from whom retailers are transferred.
const FROM_NAMES: &[&str] =
    &["from", "fromsalesrep", "fromsr", "oldsalesrep", "oldsr", "আগের প্রতিনিধি", "পুরনো প্রতিনিধি"];

/// Names of the column with that sales rep's employee code.
const FROM_CODE_NAMES: &[&str] = &["fromemployeecode", "fromcode", "oldemployeecode", "আগের কর্মী কোড"];

/// Names of the column with the sales rep to whom retailers are transferred.
const TO_NAMES: &[&str] =
    &["to", "tosalesrep", "tosr", "newsalesrep", "newsr", "নতুন প্রতিনিধি", "পরের প্রতিনিধি"];

/// Names of the column with that sales rep's employee code.
const TO_CODE_NAMES: &[&str] = &["toemployeecode", "tocode", "newemployeecode", "নতুন কর্মী কোড"];

/// The ways in which a column names sales reps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By id, username or employee code.
    Any,
    /// By employee code, so that digits are a code and no id.
    Code,
    /// All sales reps of the retailer, separated by `;`, each as in [`Naming::Any`].
    Set,
}

type Names = (Naming, &'static [&'static str]);

/// Names in groups: a group counts only if no name of an earlier one occurs, and only one name of a group may occur.
type Groups = &'static [&'static [Names]];

const REP: Groups =
    &[&[(Naming::Any, REP_NAMES), (Naming::Code, EMPLOYEE_CODE_NAMES), (Naming::Set, SET_NAMES)]];
/// An unassignment has no column with all sales reps: an export that was not edited would end all assignments.
const UNASSIGN: Groups = &[&[(Naming::Any, REP_NAMES), (Naming::Code, EMPLOYEE_CODE_NAMES)]];
const FROM: Groups = &[&[(Naming::Any, FROM_NAMES), (Naming::Code, FROM_CODE_NAMES)]];
const TO: Groups = &[
    &[(Naming::Any, TO_NAMES), (Naming::Code, TO_CODE_NAMES)],
    &[(Naming::Any, REP_NAMES), (Naming::Code, EMPLOYEE_CODE_NAMES)],
];
const UID: &[&[&str]] = &[&["uid", "retailer"], UID_NAMES, &["code", "কোড"]];

/// Returns the positions of the first group of names that occurs, and the naming of the first of them.
fn rep_positions(header: &[String], groups: Groups) -> (Vec<usize>, Naming) {
    let found = |names: &[Names]| {
        let found = names.iter().map(|(naming, names)| (column_positions(header, &[names]), *naming));
        found.filter(|(positions, _)| !positions.is_empty()).collect::<Vec<_>>()
    };
    let found = groups.iter().map(|names| found(names)).find(|found| !found.is_empty()).unwrap_or_default();
    let naming = found.first().map_or(Naming::Any, |(_, naming)| *naming);
    (found.into_iter().flat_map(|(positions, _)| positions).collect(), naming)
}

/// Returns the columns of a header by their names in errors.
fn known_columns(header: &Record<'_>) -> Vec<(&'static str, usize)> {
    let given = column_names(header);
    let first = |positions: Vec<usize>| positions.first().copied();
    let found = [
        ("uid", first(column_positions(&given, UID))),
        ("salesRep", first(rep_positions(&given, REP).0)),
        ("from", first(rep_positions(&given, FROM).0)),
        ("to", first(rep_positions(&given, TO).0)),
    ];
    found.into_iter().filter_map(|(name, position)| Some((name, position?))).collect()
}

/// A column that names sales reps.
#[derive(Debug, Clone, Copy)]
struct RepColumn {
    /// The name in errors.
    field: &'static str,
    position: usize,
    naming: Naming,
}

/// The columns of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileColumns {
    /// The number of columns of the header.
    width: usize,
    uid: usize,
    rep: RepColumn,
    /// The sales rep from whom retailers are transferred.
    from: Option<RepColumn>,
}

/// Returns the name in errors of the column with the sales reps whose assignments start or, for unassignments, end.
pub(super) const fn rep_field(action: BatchKind) -> &'static str {
    if matches!(action, BatchKind::Transfer) { "to" } else { "salesRep" }
}

impl FileColumns {
    /// Finds the columns by their names.
    pub(super) fn of(header: &Record<'_>, action: BatchKind) -> Result<Self, JobFailure> {
        let given = column_names(header);
        let single = |positions: &[usize]| match *positions {
            [] => Err(JobFailure::Rejected("missing-column")),
            [column] => Ok(column),
            _ => Err(JobFailure::Rejected("repeated-column")),
        };
        let rep_column = |field, groups| {
            let (positions, naming) = rep_positions(&given, groups);
            Ok::<_, JobFailure>(RepColumn { field, position: single(&positions)?, naming })
        };
        let transfer = action == BatchKind::Transfer;
        let reps = match action {
            BatchKind::Transfer => TO,
            BatchKind::Unassign => UNASSIGN,
            BatchKind::Assign | BatchKind::Undo => REP,
        };
        Ok(Self {
            width: header.len(),
            uid: single(&column_positions(&given, UID))?,
            from: if transfer { Some(rep_column("from", FROM)?) } else { None },
            rep: rep_column(rep_field(action), reps)?,
        })
    }

    /// Returns true if each row names all sales reps of its retailer.
    pub(super) fn has_sets(&self) -> bool {
        self.rep.naming == Naming::Set
    }

    /// Rejects a record with a line break in one of these cells. It means that a quote is not closed, and the
    /// cell contains the rows that follow.
    pub(super) fn check(&self, record: &Record<'_>) -> Result<(), JobFailure> {
        let columns = [Some(self.uid), Some(self.rep.position), self.from.map(|from| from.position)];
        let broken = |column: usize| record.cell(column).is_some_and(|cell| cell.trim().contains('\n'));
        if columns.into_iter().flatten().any(broken) {
            Err(JobFailure::Rejected("open-quote"))
        } else {
            Ok(())
        }
    }

    /// Returns true if a record has more cells than the header, or ends before the column with all sales reps.
    fn has_other_width(&self, record: &Record<'_>) -> bool {
        record.has_surplus(self.width) || (self.has_sets() && record.len() <= self.rep.position)
    }

    /// Reads a row: an assignment for each sales rep that it names. An empty cell of a column with all sales reps yields one
    /// without a sales rep.
    pub(super) fn read(&self, record: &Record<'_>) -> Result<Vec<RequestedAssignment>, Vec<JobError>> {
        let row = record.sheet_row();
        let cell = |column: usize| csv_value(record.cell(column).unwrap_or(UNDECODABLE).trim());
        let mut errors = Vec::new();
        let mut error = |field: &str, value: &str, code: &str| {
            errors.push(JobError {
                row,
                field: field.to_owned(),
                code: match value {
                    "" => "required",
                    _ if value.contains(UNDECODABLE) => "invalid-encoding",
                    _ => code,
                }
                .to_owned(),
                value: shortened(value),
            });
        };
        // A cell of another column may be in this one, and an empty cell may end assignments.
        if self.has_other_width(record) {
            let cells: Vec<_> = (0..record.len()).map(|column| record.shown(column)).collect();
            error("row", &cells.join(","), "wrong-column-count");
            return Err(errors);
        }
        let mut reps = |column: RepColumn| {
            let text = cell(column.position);
            let reps = column.naming.read(text);
            reps.map_err(|code| error(column.field, text, code)).ok()
        };
        let from =
            self.from.map(&mut reps).map(|reps| reps.and_then(|reps| reps.into_iter().next().flatten()));
        let reps = reps(self.rep);
        let uid = cell(self.uid);
        let parsed = RetailerUid::parse(uid).map_err(|_uid| error("uid", uid, "invalid")).ok();
        match (parsed, reps) {
            (Some(uid), Some(reps)) if errors.is_empty() => {
                let from = from.flatten();
                let request = |rep| RequestedAssignment { row, rep, from: from.clone(), uid: uid.clone() };
                Ok(reps.into_iter().map(request).collect())
            }
            _ => Err(errors),
        }
    }
}

impl Naming {
    /// Reads a cell, or returns the code of its error.
    fn read(self, text: &str) -> Result<Vec<Option<RepSelector>>, &'static str> {
        if is_placeholder(text) {
            return Err("placeholder");
        }
        let any = |text: &str| RepSelector::parse_cell(text).ok_or("invalid");
        match self {
            Self::Any => Ok(vec![Some(any(text)?)]),
            Self::Code => Ok(vec![Some(RepSelector::of_code(text).ok_or("invalid")?)]),
            Self::Set => {
                let names = text.split(';').map(str::trim).filter(|name| !name.is_empty());
                let rep = |name| RepSelector::parse_export(name).ok_or("invalid");
                let mut reps = names.map(rep).collect::<Result<Vec<_>, _>>()?;
                // Equal ones are next to each other only if sorted.
                reps.sort_by_cached_key(RepSelector::to_string);
                reps.dedup();
                if reps.is_empty() { Ok(vec![None]) } else { Ok(reps.into_iter().map(Some).collect()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::CsvRows;
    use crate::testing::Pieces;

    /// Reads the rows of a file, each as its assignments or its errors.
    async fn read(action: BatchKind, file: &str) -> Result<Vec<Vec<String>>, JobFailure> {
        let mut rows = CsvRows::new(Box::new(Pieces::of(&[file.as_bytes()])));
        let columns = FileColumns::of(&rows.next().await.unwrap().unwrap(), action)?;
        let mut read = Vec::new();
        while let Some(record) = rows.next().await.unwrap() {
            columns.check(&record)?;
            read.push(match columns.read(&record) {
                Ok(assignments) => assignments
                    .into_iter()
                    .map(|RequestedAssignment { rep, from, uid, .. }| {
                        let name =
                            |rep: Option<RepSelector>| rep.map(|rep| rep.to_string()).unwrap_or_default();
                        format!("{}>{}:{}", name(from), name(rep), uid.as_str())
                    })
                    .collect(),
                Err(errors) => {
                    errors.into_iter().map(|error| format!("{} {}", error.field, error.code)).collect()
                }
            });
        }
        Ok(read)
    }

    #[tokio::test]
    async fn reads_one_sales_rep_per_row() {
        let file = "Outlet Code,SR\nA,sr00001\nB,\nC,-\n,7.0\na b,\n";
        for action in [BatchKind::Assign, BatchKind::Unassign] {
            let expected = [
                vec![">any:sr00001:A"],
                vec!["salesRep required"],
                vec!["salesRep placeholder"],
                vec!["uid required"],
                vec!["salesRep required", "uid invalid"],
            ];
            assert_eq!(read(action, file).await.unwrap(), expected);
        }
        assert_eq!(read(BatchKind::Assign, "uid,কর্মী কোড\nA,17\n").await.unwrap(), [[">code:17:A"]]);
    }

    #[tokio::test]
    async fn reads_all_sales_reps_of_a_retailer() {
        let file = "uid,name,sales_reps,notes\nA,x,sr2;sr1 ; SR2;\nB,x,\nC,x,N/A,\nD,x,sr1;রহিম\n\
                    E,x\nF,x,y,sr1,\nG,x,y,sr1,z\nH,x,\u{FFFD}\n";
        let expected = [
            vec![">name:sr1:A", ">name:sr2:A"],
            vec![">:B"],
            vec!["salesRep placeholder"],
            vec!["salesRep invalid"],
            vec!["row wrong-column-count"],
            vec![">code:y:F"],
            vec!["row wrong-column-count"],
            vec!["salesRep invalid-encoding"],
        ];
        assert_eq!(read(BatchKind::Assign, file).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn reads_transfers() {
        for header in
            ["uid,from,to", "uid,Old SR,New SR", "uid,আগের প্রতিনিধি,নতুন প্রতিনিধি", "uid,from,sales_rep"]
        {
            let file = format!("{header}\nA,sr1,sr2\nB,,sr2\nC,sr1,\n");
            let expected = [vec!["any:sr1>any:sr2:A"], vec!["from required"], vec!["to required"]];
            assert_eq!(read(BatchKind::Transfer, &file).await.unwrap(), expected, "{header}");
        }
        let file = "uid,from_code,to_code\nA,1,2\n";
        assert_eq!(read(BatchKind::Transfer, file).await.unwrap(), [["code:1>code:2:A"]]);
    }

    #[tokio::test]
    async fn refuses_files_without_the_columns() {
        for (action, header, reason) in [
            (BatchKind::Assign, "uid", "missing-column"),
            (BatchKind::Assign, "sales_rep", "missing-column"),
            (BatchKind::Assign, "uid,sr,SR", "repeated-column"),
            (BatchKind::Assign, "uid,employee_code,sales_rep", "repeated-column"),
            (BatchKind::Assign, "uid,sales_rep,sales_reps", "repeated-column"),
            (BatchKind::Transfer, "uid,from,to,to_code", "repeated-column"),
            (BatchKind::Transfer, "uid,sales_rep", "missing-column"),
            (BatchKind::Transfer, "uid,from", "missing-column"),
            (BatchKind::Unassign, "uid,sales_reps", "missing-column"),
        ] {
            let refused = Err(JobFailure::Rejected(reason));
            assert_eq!(read(action, &format!("{header}\n")).await, refused, "{header}");
        }
        let open_quote = "uid,sr\nA,\"sr1\nB,sr2\n\"\n";
        assert_eq!(read(BatchKind::Assign, open_quote).await, Err(JobFailure::Rejected("open-quote")));
    }

    #[tokio::test]
    async fn ignores_the_columns_that_an_error_file_adds() {
        let file = "Code,SR,row,code,field,message,message_bn\nA,sr1,2,not-found,SR,x,y\n";
        assert_eq!(read(BatchKind::Assign, file).await.unwrap(), [[">any:sr1:A"]]);
    }
}
