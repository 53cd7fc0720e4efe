//! Tests with sample files as users and programs write them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use haat_domain::import::{ImportOptions, ImportRow};
use haat_domain::retailer::RetailerName;
use haat_domain::shared::{AreaId, DistributorId, Phone, RegionId, TerritoryId};
use haat_domain::territory::{Place, SalesMap};
use serde_json::Value;

use super::{FileRejection, ImportFile, ImportFileError, ReadRow};
use crate::shared::{CsvError, CsvRows};
use crate::testing::Pieces;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/csv-cases").join(name)
}

/// A file, read in pieces of `size` bytes.
fn pieces(name: &str, size: usize) -> Pieces {
    let bytes = fs::read(path(name)).unwrap();
    Pieces::of(&bytes.chunks(size).collect::<Vec<_>>())
}

async fn records(name: &str, size: usize) -> Result<Vec<Vec<String>>, CsvError> {
    let mut rows = CsvRows::new(Box::new(pieces(name, size)));
    let mut records = Vec::new();
    while let Some(record) = rows.next().await? {
        records.push((0..record.len()).map(|position| record.cell(position).unwrap().to_owned()).collect());
    }
    Ok(records)
}

#[tokio::test]
async fn csv_spectrum_files_match_their_json() {
    let mut read = 0;
    for entry in fs::read_dir(path("csv-spectrum")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let expected: Vec<serde_json::Map<String, Value>> =
            serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).unwrap();
        for size in [1, 7, 64 << 10] {
            let records = records(file.to_str().unwrap(), size).await.unwrap();
            let (header, rows) = records.split_first().unwrap();
            let objects: Vec<serde_json::Map<String, Value>> = rows
                .iter()
                .map(|row| {
                    assert_eq!(row.len(), header.len());
                    header.iter().cloned().zip(row.iter().cloned().map(Value::String)).collect()
                })
                .collect();
            assert_eq!(objects, expected, "{}", file.display());
        }
        read += 1;
    }
    assert_eq!(read, 11);
}

#[tokio::test]
async fn reads_all_line_ends_and_delimiters_alike() {
    let lines = |file: &'static str| async move {
        let records = records(file, 5).await.unwrap();
        let text = |cell: &String| cell.replace("\r\n", "\n").replace('\r', "\n");
        records.iter().map(|record| record.iter().map(text).collect()).collect::<Vec<Vec<String>>>()
    };
    let expected = lines("smarter_csv/carriage_returns_n.csv").await;
    assert!(expected.len() > 3 && expected.iter().all(|record| record.len() == 3));
    for file in ["smarter_csv/carriage_returns_r.csv", "smarter_csv/carriage_returns_rn.csv"] {
        assert_eq!(lines(file).await, expected, "{file}");
    }
    let expected = [["Year", "Make", "Model", "Length"], ["1997", "Ford", "E350", "2"]];
    for file in
        ["smarter_csv/separator_comma.csv", "smarter_csv/separator_semi.csv", "smarter_csv/separator_tab.csv"]
    {
        let records = records(file, 5).await.unwrap();
        for (record, expected) in records.iter().zip(expected) {
            assert_eq!((record.len(), &record[..3]), (5, &expected.map(str::to_owned)[..3]), "{file}");
            assert!(record[3].starts_with(expected[3]));
        }
    }
    assert_eq!(records("smarter_csv/empty_lines.csv", 5).await.unwrap().len(), 3);
    assert_eq!(records("smarter_csv/malformed_data_eof.csv", 5).await, Err(CsvError::OpenQuote));
}

/// A map with the places of the sample files.
fn map() -> SalesMap {
    let mut map = SalesMap::default();
    let place = |id, name: &str, parent| Place { id, name: name.into(), name_bn: None, parent, version: 1 };
    for ((region, area, territory), id) in [
        ("Rajshahi", "Bogura", "Sherpur"),
        ("Khulna", "Jashore", "Jhikargacha"),
        ("Chattogram", "Cumilla", "Debidwar"),
        ("Rangpur", "Dinajpur", "Birampur"),
        ("Dhaka", "Gazipur", "Kapasia"),
        ("Sylhet", "Sylhet", "Beanibazar"),
    ]
    .into_iter()
    .zip(1..)
    {
        map.regions.add(RegionId::new(id), place(id, region, None));
        map.areas.add(AreaId::new(id), place(id, area, Some(id)));
        map.territories.add(TerritoryId::new(id), place(id, territory, Some(id)));
        let distributor = format!("{territory} Distribution House");
        map.distributors.add(DistributorId::new(id), place(id, &distributor, None));
    }
    map.distributors.add(DistributorId::new(9), place(9, "X", None));
    map
}

async fn retailers(name: &str) -> Result<Vec<ReadRow>, ImportFileError> {
    let file = Box::new(pieces(&format!("retailers/{name}.csv"), 13));
    let mut file = ImportFile::open(file, &ImportOptions::default(), Arc::new(map())).await?;
    let mut rows = Vec::new();
    while let Some(row) = file.next().await? {
        rows.push(row);
    }
    Ok(rows)
}

fn names(rows: &[ReadRow]) -> Vec<&str> {
    let good = rows.iter().filter_map(|(_, row)| row.as_ref().ok());
    good.filter_map(|row: &ImportRow| row.name.as_ref().map(RetailerName::as_str)).collect()
}

/// The rows, fields and codes of all errors.
fn faults(rows: &[ReadRow]) -> Vec<(i64, &'static str, &'static str)> {
    let errors = rows.iter().filter_map(|(_, row)| row.as_ref().err()).flat_map(|row| &row.errors);
    errors.map(|error| (error.row, error.field, error.code)).collect()
}

#[tokio::test]
async fn reads_valid_files_in_all_formats() {
    for (file, count) in [
        ("01_clean_utf8_lf", 20),
        ("03_semicolon_crlf", 20),
        ("05_quotes_commas_newlines", 3),
        ("07_utf16le_bom", 5),
        ("11_headers_messy", 3),
        ("21_no_final_newline", 3),
        ("23_mixed_eol", 4),
        ("25_injection", 10),
        ("31_all_quoted", 5),
    ] {
        let rows = retailers(file).await.unwrap();
        assert_eq!(faults(&rows), [], "{file}");
        assert_eq!(names(&rows).len(), count, "{file}");
    }
    let rows = retailers("05_quotes_commas_newlines").await.unwrap();
    assert_eq!(
        names(&rows),
        [
            "Bismillah \"Super\" Store, Main Road",
            "Mayer Doa Enterprise (2nd floor)",
            "Bhai Bhai Store New Market"
        ]
    );
    assert_eq!(retailers("01_clean_utf8_lf").await, retailers("03_semicolon_crlf").await);
    let rows = retailers("25_injection").await.unwrap();
    assert_eq!(
        names(&rows)[..5],
        [
            "=HYPERLINK(\"http://example.invalid\",\"x\")",
            "+SUM(A1:A2)",
            "-2+3",
            "@cmd",
            "'; DROP TABLE retailers; --"
        ]
    );
}

#[tokio::test]
async fn parses_phones_as_expected() {
    let rows = retailers("09_phones").await.unwrap();
    let expected = records("retailers/phones_expected.csv", 64 << 10).await.unwrap();
    assert_eq!((rows.len(), expected.len()), (27, 28));
    for ((number, row), expected) in rows.iter().zip(expected.iter().skip(1)) {
        let (phone, result) = (expected[1].as_str(), expected[3].as_str());
        match row {
            Ok(row) => {
                assert_eq!(row.phone.as_ref().map_or("", Phone::as_str), phone, "{number}");
                assert!(matches!(result, "ok" | "empty"), "{number}");
            }
            Err(row) => {
                let errors = &row.errors;
                if result == "empty" {
                    assert!(matches!(expected[0].as_str(), "-" | "N/A"), "{number}");
                    assert_eq!(errors[0].code, "placeholder", "{number}");
                    continue;
                }
                assert!(!matches!(result, "ok"), "{number}");
                let changed_by_spreadsheet = matches!(expected[0].as_str(), "1.70E+09" | "1700000153.0");
                let code = if changed_by_spreadsheet { "spreadsheet-number" } else { "invalid-phone" };
                assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, "phone", code), "{number}");
            }
        }
    }
}

#[tokio::test]
async fn reports_invalid_rows_and_reads_the_others() {
    let rows = retailers("15_ragged_blank").await.unwrap();
    assert_eq!(faults(&rows), [(2, "row", "wrong-column-count"), (3, "row", "wrong-column-count")]);
    assert_eq!((rows.len(), names(&rows).len()), (4, 2));

    let rows = retailers("17_stray_quotes").await.unwrap();
    assert_eq!(names(&rows), ["Rahman \"Bhai\" Store", "Karim Store"]);
    assert_eq!(faults(&rows).first(), Some(&(3, "phone", "invalid-phone")), "shifted by a comma");

    let rows = retailers("27_invalid_utf8").await.unwrap();
    assert_eq!(faults(&rows), [(1, "name", "invalid-encoding"), (2, "name", "invalid-encoding")]);
    assert_eq!(names(&rows), ["Raihan Store"]);

    let rows = retailers("29_unknown_refs").await.unwrap();
    let expected = [
        (1, "territory", "not-found"),
        (2, "area", "not-found"),
        (3, "area", "not-found"),
        (4, "area", "not-found"),
    ];
    assert_eq!(faults(&rows), expected);
}

#[tokio::test]
async fn rejects_invalid_files() {
    let missing = FileRejection::MissingColumn(vec!["name", "region", "area", "territory"], vec![]);
    for (file, rejection) in [("13_headers_missing", missing), ("19_header_only", FileRejection::NoRows)] {
        assert_eq!(retailers(file).await, Err(rejection.into()), "{file}");
    }
    for (bytes, rejection) in [
        (b"".as_slice(), FileRejection::EmptyFile),
        (b"\xEF\xBB\xBF \r\n", FileRejection::EmptyFile),
        (b"PK\x03\x04", FileRejection::Spreadsheet),
        (b"\x1F\x8B\x08", FileRejection::NotCsv),
        (b"RTL-1,Ma Store,Dhaka\n", FileRejection::NoHeader),
    ] {
        let file = Box::new(Pieces::of(&[bytes]));
        let opened = ImportFile::open(file, &ImportOptions::default(), Arc::new(map())).await;
        assert_eq!(opened.err(), Some(rejection.into()), "{bytes:?}");
    }
}
