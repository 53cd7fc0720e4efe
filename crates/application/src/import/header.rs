//! Which column of a file is which.

use haat_domain::import::{Column, Columns, ImportMode};
use haat_domain::retailer::fold;

use super::Refusal;
use super::error_file::added_columns;
use crate::shared::Record;

/// What a column that means nothing to us may be called, at most.
const MAX_NAME: usize = 200;

/// What people and programs call a column beside its own name, without blanks and signs.
///
/// In Bangla too, as people head the lists that they keep by hand: a division is a region here, a district an area, an
/// upazila a territory.
const fn also_called(column: Column) -> &'static [&'static str] {
    match column {
        Column::Uid => &[
            "retaileruid",
            "retailerid",
            "retailercode",
            "shopuid",
            "shopid",
            "shopcode",
            "outletid",
            "outletcode",
            "আইডি",
            "দোকান আইডি",
            "দোকানের আইডি",
            "দোকানের কোড",
            "রিটেইলার কোড",
            "ইউআইডি",
        ],
        Column::Name => &["retailername", "shopname", "storename", "outletname", "নাম", "দোকানের নাম"],
        Column::Phone => &[
            "phonenumber",
            "phoneno",
            "mobile",
            "mobilenumber",
            "mobileno",
            "contactnumber",
            "contactno",
            "ফোন",
            "ফোন নম্বর",
            "মোবাইল",
            "মোবাইল নম্বর",
        ],
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

/// What a column may be called where nothing else names it: in lists these words stand beside the others, too, and would
/// name it twice.
const fn perhaps_called(column: Column) -> &'static [&'static str] {
    match column {
        Column::Uid => &["code", "কোড"],
        Column::Territory => &["thana", "থানা"],
        _ => &[],
    }
}

/// A name without what people write differently: upper and lower case, blanks, `_`, `-` and `.`.
fn plain(name: &str) -> String {
    fold(name).chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '.')).collect()
}

/// What the cells of a header say; nothing where they are what a file of errors has added.
fn plain_names(record: &Record<'_>) -> Vec<String> {
    let added = added_columns(record);
    let name = |place| if added.contains(&place) { "" } else { record.cell(place).unwrap_or_default() };
    (0..record.len()).map(|place| plain(name(place))).collect()
}

/// Where a column is named; by its other names only where its own is not there.
fn called(column: Column, names: &[String]) -> Vec<usize> {
    let places = |known: &[&str]| -> Vec<usize> {
        // Bangla is typed in more than one way.
        let known: Vec<String> = known.iter().map(|name| plain(name)).collect();
        names.iter().zip(0..).filter(|(name, _)| known.contains(name)).map(|(_, at)| at).collect()
    };
    let by_name = [&[column.as_str()], also_called(column), perhaps_called(column)].map(places);
    by_name.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// Where a header has the phones.
pub(super) fn phone_place(record: &Record<'_>) -> Option<usize> {
    called(Column::Phone, &plain_names(record)).first().copied()
}

/// Where in a record each column stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    places: [Option<usize>; Column::ALL.len()],
    width: usize,
    extra: Vec<String>,
}

impl Header {
    /// Finds the columns by their names, and what is needed among them.
    ///
    /// A column's own name goes before the others it may have: beside `uid`, a `Retailer ID` means nothing.
    pub(super) fn of(record: &Record<'_>, mode: ImportMode) -> Result<Self, Refusal> {
        let names = plain_names(record);
        let mut header = Self { places: [None; _], width: record.len(), extra: Vec::new() };
        let mut repeated = Vec::new();
        for (column, place) in Column::ALL.into_iter().zip(&mut header.places) {
            let found = called(column, &names);
            *place = found.first().copied();
            if found.len() > 1 {
                repeated.push(column.as_str());
            }
        }
        if header.places.iter().all(Option::is_none) {
            return Err(Refusal::NoHeader);
        }
        if !repeated.is_empty() {
            return Err(Refusal::RepeatedColumn(repeated));
        }
        header.extra = (0..record.len())
            .filter(|place| !header.places.contains(&Some(*place)))
            .map(|place| record.shown(place).trim().chars().filter(|c| *c != '\0').take(MAX_NAME).collect())
            .filter(|name: &String| !name.is_empty())
            .collect();
        let missing = header.missing(mode);
        if !missing.is_empty() {
            return Err(Refusal::MissingColumn(missing, header.extra));
        }
        Ok(header)
    }

    /// Where a column stands, if it is there.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places.get(column as usize).copied().flatten()
    }

    /// How many columns there are, whatever they mean.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// How many of them mean something to us.
    pub(super) fn known(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// The names of columns that mean nothing to us, in their order.
    pub(super) fn extra(&self) -> &[String] {
        &self.extra
    }

    /// What the file says of shops.
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

    /// Whether a column is there.
    pub(super) fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// Columns that are needed and not there. To update, a uid is enough; but a file that speaks of places must name the
    /// territory.
    fn missing(&self, mode: ImportMode) -> Vec<&'static str> {
        use Column::{Area, AreaId, Name, Region, RegionId, Territory, TerritoryId, Uid};
        let any = |columns: &[Column]| columns.iter().any(|column| self.has(*column));
        let update = mode == ImportMode::Update;
        let placed = !update || any(&[Region, RegionId, Area, AreaId, Territory, TerritoryId]);
        let needed = [
            (Uid, true, any(&[Uid])),
            (Name, !update, any(&[Name])),
            // What a place is in follows from its id.
            (Region, placed, any(&[Region, RegionId, AreaId, TerritoryId])),
            (Area, placed, any(&[Area, AreaId, TerritoryId])),
            (Territory, placed, any(&[Territory, TerritoryId])),
        ];
        needed
            .into_iter()
            .filter(|(_, needed, there)| *needed && !there)
            .map(|(column, _, _)| column.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::CsvRows;
    use crate::testing::Pieces;

    async fn header(line: &str, mode: ImportMode) -> Result<Header, Refusal> {
        let mut rows = CsvRows::new(Box::new(Pieces::of(&[line.as_bytes()])));
        Header::of(&rows.next().await.unwrap().unwrap(), mode)
    }

    async fn refused(line: &str, mode: ImportMode) -> Refusal {
        header(line, mode).await.unwrap_err()
    }

    const UPSERT: ImportMode = ImportMode::Upsert;
    const UPDATE: ImportMode = ImportMode::Update;

    #[test]
    fn columns_stand_in_the_order_of_their_numbers() {
        for (column, number) in Column::ALL.into_iter().zip(0..) {
            assert_eq!(column as usize, number);
        }
    }

    #[test]
    fn no_name_means_two_columns() {
        let mut names: Vec<String> = Column::ALL.iter().map(|column| plain(column.as_str())).collect();
        let others = |column: &Column| [also_called(*column), perhaps_called(*column)].concat();
        names.extend(Column::ALL.iter().flat_map(others).map(plain));
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[tokio::test]
    async fn columns_are_found_in_any_order_and_spelling() {
        let line = "Territory, SHOP-NAME ,Owner,region_id,Area,\u{200B}UID,Phone No.,Distributor ID,,Code\n";
        let header = header(line, UPSERT).await.unwrap();
        let places = [
            (Column::Territory, 0),
            (Column::Name, 1),
            (Column::RegionId, 3),
            (Column::Area, 4),
            (Column::Uid, 5),
            (Column::Phone, 6),
            (Column::DistributorId, 7),
        ];
        for (column, place) in places {
            assert_eq!(header.place(column), Some(place), "{column:?}");
        }
        assert_eq!((header.has(Column::Region), header.width()), (false, 10));
        assert_eq!(header.extra(), ["Owner", "Code"]);
        let columns =
            Columns { name: true, phone: true, territory: true, distributor: true, ..Columns::default() };
        assert_eq!(header.columns(), columns);
    }

    #[tokio::test]
    async fn columns_may_be_headed_in_bangla() {
        let line = "আইডি,দোকানের নাম,মোবাইল নম্বর,বিভাগ,জেলা,উপজেলা,পয়েন্ট,মালিক,থানা\n";
        let header = header(line, UPSERT).await.unwrap();
        let columns =
            [Column::Uid, Column::Name, Column::Phone, Column::Region, Column::Area, Column::Territory];
        for (column, place) in columns.into_iter().chain([Column::Points]).zip(0..) {
            assert_eq!(header.place(column), Some(place), "{column:?}");
        }
        assert_eq!(header.extra(), ["মালিক", "থানা"]);
    }

    #[tokio::test]
    async fn a_columns_own_name_goes_before_others() {
        let header = header("Retailer ID;uid;Mobile;Region Id\n", UPDATE).await;
        let extra = vec!["Retailer ID".to_owned()];
        assert_eq!(header, Err(Refusal::MissingColumn(vec!["area", "territory"], extra)));
        let header = self::header("Retailer ID;uid;Mobile\n", UPDATE).await.unwrap();
        assert_eq!((header.place(Column::Uid), header.place(Column::Phone)), (Some(1), Some(2)));
        assert_eq!(header.extra(), ["Retailer ID"]);
    }

    #[tokio::test]
    async fn a_word_that_may_mean_something_else_counts_where_nothing_names_the_column() {
        for (line, uid, territory) in [
            ("Code,Name,Division,District,Thana", 0, 4),
            ("কোড,নাম,বিভাগ,জেলা,থানা", 0, 4),
            ("Code,Shop Code,Name,Division,District,Thana,Upazila", 1, 6),
            // As a file of errors made of the first, and of one whose column has the name of an added one.
            ("Code,Name,Division,District,Thana,row,code,field,message,message_bn", 0, 4),
            ("code,name,division,district,thana,row,code,field,message,message_bn", 0, 4),
        ] {
            let header = header(line, UPSERT).await.unwrap();
            let places = (header.place(Column::Uid), header.place(Column::Territory));
            assert_eq!(places, (Some(uid), Some(territory)), "{line}");
        }
        assert_eq!(refused("code,কোড,name,territory_id", UPSERT).await, Refusal::RepeatedColumn(vec!["uid"]));
    }

    #[tokio::test]
    async fn what_a_file_must_have() {
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
            assert_eq!(refused(line, mode).await, Refusal::MissingColumn(missing, vec![]), "{line}");
        }
    }

    #[tokio::test]
    async fn what_is_no_header_or_says_a_thing_twice_is_refused() {
        assert_eq!(refused("RTL-1,Rahim Store,01711234567\n", UPDATE).await, Refusal::NoHeader);
        for (line, twice) in [
            ("uid,UID ,name,Shop Name,Retailer Name", vec!["uid"]),
            ("uid,Shop Name,Retailer Name,note,Remarks", vec!["name", "notes"]),
        ] {
            assert_eq!(refused(line, UPDATE).await, Refusal::RepeatedColumn(twice), "{line}");
        }
        assert!(header("uid,code,Code", UPDATE).await.is_ok(), "what means nothing may be there twice");
    }
}
