//! Maps the columns of a file to the columns of the contract.

use std::collections::BTreeMap;

use haat_domain::import::{Column, Columns, ImportMode};

use super::FileRejection;
use crate::job::column_names;
use crate::shared::{PHONE_NAMES, Record, UID_NAMES, column_positions};

/// The most characters kept of the name of an unknown column.
const MAX_NAME: usize = 200;

/// Other names of a column, without blanks and signs.
///
/// The Bangla names are those of lists kept by hand. A division is a region here, a district an area and an
/// upazila a territory.
const fn aliases(column: Column) -> &'static [&'static str] {
    match column {
        Column::Uid => UID_NAMES,
        Column::Name => &["retailername", "shopname", "storename", "outletname", "নাম", "দোকানের নাম"],
        Column::Phone => PHONE_NAMES,
        Column::Region => &["regionname", "division", "বিভাগ", "রিজিয়ন"],
        Column::Area => &["areaname", "district", "জেলা", "এরিয়া"],
        Column::Territory => &["territoryname", "upazila", "উপজেলা", "টেরিটরি"],
        Column::Distributor => &["distributorname", "পরিবেশক", "ডিস্ট্রিবিউটর"],
        Column::Points => &["loyaltypoints", "point", "পয়েন্ট"],
        Column::Routes => &["route", "রুট"],
        Column::Notes => &["note", "remarks", "মন্তব্য", "নোট"],
        Column::RegionId | Column::AreaId | Column::TerritoryId | Column::DistributorId => &[],
    }
}

/// Ambiguous names of a column, used only if no other name matches. Some files have these columns in addition
/// to the others, and would then name a column twice.
const fn weak_aliases(column: Column) -> &'static [&'static str] {
    match column {
        Column::Uid => &["code", "কোড"],
        Column::Territory => &["thana", "থানা"],
        _ => &[],
    }
}

/// The positions of each column in a header. Aliases count only if its own name is absent, and weak aliases only if no
/// alias matches.
fn all_positions(record: &Record<'_>) -> [(Column, Vec<usize>); Column::ALL.len()] {
    let names = column_names(record);
    Column::ALL.map(|column| {
        let known = [&[column.as_str()], aliases(column), weak_aliases(column)];
        (column, column_positions(&names, &known))
    })
}

/// The position of each column that a file has.
pub(super) fn known_positions(record: &Record<'_>) -> Vec<(Column, usize)> {
    let found = all_positions(record).into_iter();
    found.filter_map(|(column, positions)| Some((column, positions.first().copied()?))).collect()
}

/// The position of each column in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    positions: [Option<usize>; Column::ALL.len()],
    width: usize,
    extra: Vec<String>,
    /// The names that the file gives to known columns, by column.
    given: BTreeMap<String, String>,
}

impl Header {
    /// Finds the columns by their names, and checks that the required ones are present.
    ///
    /// The own name of a column takes precedence over its aliases: next to `uid`, a `Retailer ID` is an
    /// unknown column.
    pub(super) fn of(record: &Record<'_>, mode: ImportMode) -> Result<Self, FileRejection> {
        let mut header =
            Self { positions: [None; _], width: record.len(), extra: Vec::new(), given: BTreeMap::new() };
        let mut repeated = Vec::new();
        for ((column, found), position) in all_positions(record).into_iter().zip(&mut header.positions) {
            *position = found.first().copied();
            if found.len() > 1 {
                repeated.push(column.as_str());
            }
        }
        if header.positions.iter().all(Option::is_none) {
            return Err(FileRejection::NoHeader);
        }
        if !repeated.is_empty() {
            return Err(FileRejection::RepeatedColumn(repeated));
        }
        let given =
            |position| record.shown(position).trim().chars().filter(|c| *c != '\0').take(MAX_NAME).collect();
        header.given = Column::ALL
            .into_iter()
            .filter_map(|column| Some((column.as_str().to_owned(), given(header.position(column)?))))
            .collect();
        header.extra = (0..record.len())
            .filter(|position| !header.positions.contains(&Some(*position)))
            .map(given)
            .filter(|name: &String| !name.is_empty())
            .collect();
        let missing = header.missing(mode);
        if !missing.is_empty() {
            return Err(FileRejection::MissingColumn(missing, header.extra));
        }
        Ok(header)
    }

    /// The position of a column, if the file has it.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions.get(column as usize).copied().flatten()
    }

    /// The number of columns, known and unknown.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The number of known columns.
    pub(super) fn known_count(&self) -> usize {
        self.positions.iter().flatten().count()
    }

    /// The names of the unknown columns, in file order.
    pub(super) fn extra(&self) -> &[String] {
        &self.extra
    }

    /// The names that the file gives to known columns, by column.
    pub(super) fn given_names(&self) -> &BTreeMap<String, String> {
        &self.given
    }

    /// The retailer attributes that the file has columns for.
    pub(super) fn columns(&self) -> Columns {
        Columns {
            name: self.has(Column::Name),
            phone: self.has(Column::Phone),
            territory: self.has(Column::Territory) || self.has(Column::TerritoryId),
            distributor: self.has(Column::Distributor) || self.has(Column::DistributorId),
            points: self.has(Column::Points),
            routes: self.has(Column::Routes),
            notes: self.has(Column::Notes),
        }
    }

    /// Returns whether the file has the column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.position(column).is_some()
    }

    /// Returns the required columns that are missing. To update, the uid column is enough, but a file with
    /// any place column must identify the territory.
    fn missing(&self, mode: ImportMode) -> Vec<&'static str> {
        use Column::{Area, AreaId, Name, Region, RegionId, Territory, TerritoryId, Uid};
        let any = |columns: &[Column]| columns.iter().any(|column| self.has(*column));
        let update = mode == ImportMode::Update;
        let placed = !update || any(&[Region, RegionId, Area, AreaId, Territory, TerritoryId]);
        let required = [
            (Uid, true, any(&[Uid])),
            (Name, !update, any(&[Name])),
            // The parents of a place follow from its id.
            (Region, placed, any(&[Region, RegionId, AreaId, TerritoryId])),
            (Area, placed, any(&[Area, AreaId, TerritoryId])),
            (Territory, placed, any(&[Territory, TerritoryId])),
        ];
        required
            .into_iter()
            .filter(|(_, required, present)| *required && !present)
            .map(|(column, _, _)| column.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::{CsvRows, column_key};
    use crate::testing::Pieces;

    async fn header(line: &str, mode: ImportMode) -> Result<Header, FileRejection> {
        let mut rows = CsvRows::new(Box::new(Pieces::of(&[line.as_bytes()])));
        Header::of(&rows.next().await.unwrap().unwrap(), mode)
    }

    async fn rejection(line: &str, mode: ImportMode) -> FileRejection {
        header(line, mode).await.unwrap_err()
    }

    const UPSERT: ImportMode = ImportMode::Upsert;
    const UPDATE: ImportMode = ImportMode::Update;

    #[test]
    fn columns_are_listed_in_the_order_of_their_discriminants() {
        for (column, number) in Column::ALL.into_iter().zip(0..) {
            assert_eq!(column as usize, number);
        }
    }

    #[test]
    fn no_name_maps_to_two_columns() {
        let mut names: Vec<String> = Column::ALL.iter().map(|column| column_key(column.as_str())).collect();
        let all_aliases = |column: &Column| [aliases(*column), weak_aliases(*column)].concat();
        names.extend(Column::ALL.iter().flat_map(all_aliases).map(column_key));
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[tokio::test]
    async fn finds_columns_in_any_order_and_spelling() {
        let line = "Territory, SHOP-NAME ,Owner,region_id,Area,\u{200B}UID,Phone No.,Distributor ID,,Code\n";
        let header = header(line, UPSERT).await.unwrap();
        let positions = [
            (Column::Territory, 0),
            (Column::Name, 1),
            (Column::RegionId, 3),
            (Column::Area, 4),
            (Column::Uid, 5),
            (Column::Phone, 6),
            (Column::DistributorId, 7),
        ];
        for (column, position) in positions {
            assert_eq!(header.position(column), Some(position), "{column:?}");
        }
        assert_eq!((header.has(Column::Region), header.width()), (false, 10));
        assert_eq!(header.extra(), ["Owner", "Code"]);
        let columns =
            Columns { name: true, phone: true, territory: true, distributor: true, ..Columns::default() };
        assert_eq!(header.columns(), columns);
    }

    #[tokio::test]
    async fn finds_columns_with_bangla_names() {
        let line = "আইডি,দোকানের নাম,মোবাইল নম্বর,বিভাগ,জেলা,উপজেলা,পয়েন্ট,মালিক,থানা\n";
        let header = header(line, UPSERT).await.unwrap();
        let columns =
            [Column::Uid, Column::Name, Column::Phone, Column::Region, Column::Area, Column::Territory];
        for (column, position) in columns.into_iter().chain([Column::Points]).zip(0..) {
            assert_eq!(header.position(column), Some(position), "{column:?}");
        }
        assert_eq!(header.extra(), ["মালিক", "থানা"]);
    }

    #[tokio::test]
    async fn own_names_take_precedence_over_aliases() {
        let header = header("Retailer ID;uid;Mobile;Region Id\n", UPDATE).await;
        let extra = vec!["Retailer ID".to_owned()];
        assert_eq!(header, Err(FileRejection::MissingColumn(vec!["area", "territory"], extra)));
        let header = self::header("Retailer ID;uid;Mobile\n", UPDATE).await.unwrap();
        assert_eq!((header.position(Column::Uid), header.position(Column::Phone)), (Some(1), Some(2)));
        assert_eq!(header.extra(), ["Retailer ID"]);
    }

    #[tokio::test]
    async fn weak_aliases_count_only_if_no_other_name_matches() {
        for (line, uid, territory) in [
            ("Code,Name,Division,District,Thana", 0, 4),
            ("কোড,নাম,বিভাগ,জেলা,থানা", 0, 4),
            ("Code,Shop Code,Name,Division,District,Thana,Upazila", 1, 6),
            // The error file of the first header, and of a header with the name of an added column.
            ("Code,Name,Division,District,Thana,row,code,field,message,message_bn", 0, 4),
            ("code,name,division,district,thana,row,code,field,message,message_bn", 0, 4),
        ] {
            let header = header(line, UPSERT).await.unwrap();
            let positions = (header.position(Column::Uid), header.position(Column::Territory));
            assert_eq!(positions, (Some(uid), Some(territory)), "{line}");
        }
        assert_eq!(
            rejection("code,কোড,name,territory_id", UPSERT).await,
            FileRejection::RepeatedColumn(vec!["uid"])
        );
    }

    #[tokio::test]
    async fn requires_uid_name_and_territory() {
        for enough in [
            "uid,name,region,area,territory",
            "uid,name,region_id,area,territory",
            "uid,name,area_id,territory",
            "uid,name,territory_id",
            "uid,name,region,territory_id",
        ] {
            assert!(header(enough, UPSERT).await.is_ok(), "{enough}");
        }
        assert!(header("uid", UPDATE).await.is_ok());
        assert!(header("uid,territory_id", UPDATE).await.is_ok());
        for (line, mode, missing) in [
            ("uid,phone", UPSERT, vec!["name", "region", "area", "territory"]),
            ("uid,name,area,territory", ImportMode::Create, vec!["region"]),
            ("uid,name,region,territory", UPSERT, vec!["area"]),
            ("uid,name,region,area_id", UPSERT, vec!["territory"]),
            ("name,territory_id", UPSERT, vec!["uid"]),
            ("name", UPDATE, vec!["uid"]),
            ("uid,territory", UPDATE, vec!["region", "area"]),
            ("uid,region", UPDATE, vec!["area", "territory"]),
        ] {
            assert_eq!(rejection(line, mode).await, FileRejection::MissingColumn(missing, vec![]), "{line}");
        }
    }

    #[tokio::test]
    async fn rejects_unknown_headers_and_repeated_columns() {
        assert_eq!(rejection("RTL-1,Rahim Store,01711234567\n", UPDATE).await, FileRejection::NoHeader);
        for (line, repeated) in [
            ("uid,UID ,name,Shop Name,Retailer Name", vec!["uid"]),
            ("uid,Shop Name,Retailer Name,note,Remarks", vec!["name", "notes"]),
        ] {
            assert_eq!(rejection(line, UPDATE).await, FileRejection::RepeatedColumn(repeated), "{line}");
        }
        assert!(header("uid,code,Code", UPDATE).await.is_ok(), "unknown columns may repeat");
    }
}
