//! A representative's shops as bytes, for processes that share a cache.

use chrono::{DateTime, Utc};
use haat_domain::retailer::{Retailer, RetailerUid};
use haat_domain::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, TerritoryId};
use serde::{Deserialize, Serialize};

/// Layout of an entry; part of the key, so that a server of another version never reads these bytes.
pub(super) const VERSION: u8 = 1;

/// What was read, and when.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    /// Every transaction below had ended when it was read.
    settled: u64,
    #[serde(borrow)]
    shops: Option<Vec<Shop<'a>>>,
}

#[derive(Serialize, Deserialize)]
struct Shop<'a> {
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

/// The bytes of an entry; `None` for shops says that there are too many.
pub(super) fn encode(settled: u64, shops: Option<&[Retailer]>) -> Option<Vec<u8>> {
    let shops = shops.map(|shops| {
        shops
            .iter()
            .map(|shop| Shop {
                id: shop.id.get(),
                uid: shop.uid.as_str(),
                name: &shop.name,
                phone: shop.phone.as_ref().map(Phone::as_str),
                places: (
                    shop.region.get(),
                    shop.area.get(),
                    shop.territory.get(),
                    shop.distributor.map(DistributorId::get),
                ),
                points: shop.points,
                routes: shop.routes.iter().map(String::as_str).collect(),
                notes: shop.notes.as_deref(),
                updated_at: shop.updated_at.timestamp_micros(),
                version: shop.version,
                assigned_at: shop.assigned_at.map(|at| at.timestamp_micros()),
            })
            .collect()
    });
    postcard::to_stdvec(&Entry { settled, shops }).ok()
}

/// What an entry says, if it is one of ours.
pub(super) fn decode(bytes: &[u8]) -> Option<(u64, Option<Vec<Retailer>>)> {
    let entry: Entry<'_> = postcard::from_bytes(bytes).ok()?;
    let shops = match entry.shops {
        None => None,
        Some(shops) => Some(shops.into_iter().map(one).collect::<Option<Vec<_>>>()?),
    };
    Some((entry.settled, shops))
}

fn one(shop: Shop<'_>) -> Option<Retailer> {
    let instant = DateTime::<Utc>::from_timestamp_micros;
    let (region, area, territory, distributor) = shop.places;
    Some(Retailer {
        id: RetailerId::new(shop.id),
        uid: RetailerUid::parse(shop.uid).ok()?,
        name: shop.name.to_owned(),
        phone: shop.phone.map(Phone::parse).transpose().ok()?,
        region: RegionId::new(region),
        area: AreaId::new(area),
        territory: TerritoryId::new(territory),
        distributor: distributor.map(DistributorId::new),
        points: shop.points,
        routes: shop.routes.into_iter().map(str::to_owned).collect(),
        notes: shop.notes.map(str::to_owned),
        updated_at: instant(shop.updated_at)?,
        version: shop.version,
        assigned_at: match shop.assigned_at {
            None => None,
            Some(at) => Some(instant(at)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Retailer {
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
    fn an_entry_is_read_as_it_was_written() {
        let bare = Retailer {
            phone: None,
            distributor: None,
            routes: vec![],
            notes: None,
            assigned_at: None,
            ..shop()
        };
        for shops in [None, Some(vec![]), Some(vec![shop(), bare])] {
            let bytes = encode(42, shops.as_deref()).unwrap();
            assert_eq!(decode(&bytes), Some((42, shops)));
        }
    }

    #[test]
    fn bytes_of_somebody_else_are_no_entry() {
        let good = encode(42, Some(&[shop()])).unwrap();
        for cut in 0..good.len() {
            assert_eq!(decode(&good[..cut]), None, "{cut}");
        }
        assert_eq!(decode(b"{\"json\": true}"), None);
    }
}
