//! Binary encoding of a sales rep's retailers, for the shared cache.

use chrono::{DateTime, Utc};
use haat_domain::retailer::{Retailer, RetailerUid};
use haat_domain::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, TerritoryId};
use serde::{Deserialize, Serialize};

/// Version of the encoding; part of the key, so that a server with another encoding never reads the entry.
pub(super) const VERSION: u8 = 1;

/// The retailers of a sales rep, and the position of the change feed when they were read.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    /// Every transaction below this id had ended when the retailers were read.
    settled: u64,
    /// `None` if there are too many to cache.
    #[serde(borrow)]
    retailers: Option<Vec<StoredRetailer<'a>>>,
}

#[derive(Serialize, Deserialize)]
struct StoredRetailer<'a> {
    id: i64,
    uid: &'a str,
    name: &'a str,
    phone: Option<&'a str>,
    places: (i64, i64, i64, Option<i64>),
    points: i32,
    #[serde(borrow)]
    routes: Vec<&'a str>,
    notes: Option<&'a str>,
    updated_at: i64,
    version: i64,
    assigned_at: Option<i64>,
}

/// Encodes a sales rep's retailers, or `None` if there are too many to cache. Returns `None` if encoding fails.
pub(super) fn encode(settled: u64, retailers: Option<&[Retailer]>) -> Option<Vec<u8>> {
    let retailers = retailers.map(|retailers| {
        retailers
            .iter()
            .map(|retailer| StoredRetailer {
                id: retailer.id.get(),
                uid: retailer.uid.as_str(),
                name: &retailer.name,
                phone: retailer.phone.as_ref().map(Phone::as_str),
                places: (
                    retailer.region.get(),
                    retailer.area.get(),
                    retailer.territory.get(),
                    retailer.distributor.map(DistributorId::get),
                ),
                points: retailer.points,
                routes: retailer.routes.iter().map(String::as_str).collect(),
                notes: retailer.notes.as_deref(),
                updated_at: retailer.updated_at.timestamp_micros(),
                version: retailer.version,
                assigned_at: retailer.assigned_at.map(|at| at.timestamp_micros()),
            })
            .collect()
    });
    postcard::to_stdvec(&Entry { settled, retailers }).ok()
}

/// Decodes an entry. Returns `None` for invalid bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<(u64, Option<Vec<Retailer>>)> {
    let entry: Entry<'_> = postcard::from_bytes(bytes).ok()?;
    let retailers = match entry.retailers {
        None => None,
        Some(retailers) => Some(retailers.into_iter().map(into_retailer).collect::<Option<Vec<_>>>()?),
    };
    Some((entry.settled, retailers))
}

fn into_retailer(retailer: StoredRetailer<'_>) -> Option<Retailer> {
    let instant = DateTime::<Utc>::from_timestamp_micros;
    let (region, area, territory, distributor) = retailer.places;
    Some(Retailer {
        id: RetailerId::new(retailer.id),
        uid: RetailerUid::parse(retailer.uid).ok()?,
        name: retailer.name.to_owned(),
        phone: retailer.phone.map(Phone::parse).transpose().ok()?,
        region: RegionId::new(region),
        area: AreaId::new(area),
        territory: TerritoryId::new(territory),
        distributor: distributor.map(DistributorId::new),
        points: retailer.points,
        routes: retailer.routes.into_iter().map(str::to_owned).collect(),
        notes: retailer.notes.map(str::to_owned),
        updated_at: instant(retailer.updated_at)?,
        version: retailer.version,
        assigned_at: match retailer.assigned_at {
            None => None,
            Some(at) => Some(instant(at)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retailer() -> Retailer {
        Retailer {
            id: RetailerId::new(7),
            uid: RetailerUid::parse("RTL-7").unwrap(),
            name: "মা স্টোর".into(),
            phone: Some(Phone::parse("01711234567").unwrap()),
            region: RegionId::new(1),
            area: AreaId::new(2),
            territory: TerritoryId::new(3),
            distributor: Some(DistributorId::new(4)),
            points: 5,
            routes: vec!["Bazar".into(), String::new()],
            notes: Some("শুক্রবার বন্ধ".into()),
            updated_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(),
            version: 9,
            assigned_at: DateTime::from_timestamp_micros(1_780_000_000_000_001),
        }
    }

    #[test]
    fn decodes_what_was_encoded() {
        let bare = Retailer {
            phone: None,
            distributor: None,
            routes: vec![],
            notes: None,
            assigned_at: None,
            ..retailer()
        };
        for retailers in [None, Some(vec![]), Some(vec![retailer(), bare])] {
            let bytes = encode(42, retailers.as_deref()).unwrap();
            assert_eq!(decode(&bytes), Some((42, retailers)));
        }
    }

    #[test]
    fn rejects_foreign_bytes() {
        let good = encode(42, Some(&[retailer()])).unwrap();
        for cut in 0..good.len() {
            assert_eq!(decode(&good[..cut]), None, "{cut}");
        }
        assert_eq!(decode(b"{\"json\": true}"), None);
    }
}
