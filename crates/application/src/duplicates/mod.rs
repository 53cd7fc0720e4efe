//! Names and codes that several rows share.

use std::sync::Arc;

use haat_domain::duplicates::{Duplicate, DuplicateKey, DuplicateKind, DuplicateReader, duplicate_places};
use haat_domain::shared::{Page, PageRequest, StorageFailure};
use haat_domain::territory::SalesMapReader;

use crate::shared::{Allowed, CursorKey, ManageMap};

/// Lists names that were stored twice before spellings were compared without case, blanks and invisible characters. They
/// are few, so a list is built in memory.
pub struct Duplicates {
    maps: Arc<dyn SalesMapReader>,
    reader: Arc<dyn DuplicateReader>,
}

impl Duplicates {
    /// Builds the use case.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>, reader: Arc<dyn DuplicateReader>) -> Self {
        Self { maps, reader }
    }

    /// Returns a page of the duplicates, by kind, name and id.
    pub async fn list(
        &self,
        allowed: &Allowed<ManageMap>,
        page: &PageRequest<DuplicateKey>,
    ) -> Result<Page<Duplicate, DuplicateKey>, StorageFailure> {
        let mut rows = duplicate_places(&*self.maps.read(allowed.tenant).await?);
        rows.extend(self.reader.codes_and_uids(allowed.tenant).await?);
        rows.retain(|row| page.after.as_ref().is_none_or(|after| row.key() > *after));
        rows.sort_by_cached_key(Duplicate::key);
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, Duplicate::key))
    }
}

impl CursorKey for DuplicateKey {
    type Parts = (String, String, String);

    fn parts(&self) -> Self::Parts {
        (self.0.as_str().to_owned(), self.1.clone(), self.2.clone())
    }

    fn of((kind, name, id): Self::Parts) -> Option<Self> {
        let kind = DuplicateKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        Some(Self(kind, name, id))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::duplicates::{MockDuplicateReader, NamedRow};
    use haat_domain::shared::{AreaId, Limit, TerritoryId};
    use haat_domain::territory::{MockSalesMapReader, Place, SalesMap};

    use super::*;
    use crate::testing::allowed;

    /// Territories "Sadar", "SADAR" and "সদর" (in Bangla) of area 1, and "sadar" of area 2.
    fn map() -> SalesMap {
        let mut map = SalesMap::default();
        let place = |id, name: &str, bangla: Option<&str>, parent| Place {
            id,
            name: name.into(),
            name_bn: bangla.map(Into::into),
            parent,
            version: 1,
        };
        map.areas.add(AreaId::new(1), place(1, "One", None, None));
        map.areas.add(AreaId::new(2), place(2, "Two", None, None));
        for (id, name, bangla, area) in [
            (3, "Sadar", None, 1),
            (4, "Town", Some("SADAR "), 1),
            (5, "sadar", None, 2),
            (6, "Sada", None, 1),
        ] {
            map.territories.add(TerritoryId::new(id), place(id, name, bangla, Some(area)));
        }
        map
    }

    #[tokio::test]
    async fn lists_shared_names_under_one_parent_and_shared_codes() {
        let row = |id: &str, name: &str| NamedRow { id: id.into(), name: name.into() };
        let codes = Duplicate {
            kind: DuplicateKind::SalesRep,
            name: "e-1".into(),
            rows: vec![row("7", "Rahim"), row("8", "Karim")],
        };
        let expected = [
            codes.clone(),
            Duplicate {
                kind: DuplicateKind::Territory,
                name: "sadar".into(),
                rows: vec![row("3", "Sadar"), row("4", "Town")],
            },
        ];
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(map())));
        let mut reader = MockDuplicateReader::new();
        reader.expect_codes_and_uids().returning(move |_| Ok(vec![codes.clone()]));
        let duplicates = Duplicates::new(Arc::new(maps), Arc::new(reader));
        let all = duplicates.list(&allowed(), &PageRequest::default()).await.unwrap();
        assert_eq!(all.rows, expected);
        let mut request = PageRequest::first(Limit::parse(1).unwrap());
        for row in &expected {
            let page = duplicates.list(&allowed(), &request).await.unwrap();
            assert_eq!(page.rows, std::slice::from_ref(row));
            request.after = page.next;
        }
        assert_eq!(request.after, None);
    }
}
