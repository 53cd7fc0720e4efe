//! Aliases of places, for [`PlaceWriter`](haat_domain::territory::PlaceWriter).

use diesel::OptionalExtension as _;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::shared::{StorageFailure, TenantId, fold};
use haat_domain::territory::{AliasedKind, NamedRef, NewPlaceAlias, PlaceAlias};

use crate::shared::{PgTx, inconsistent, statement};

statement! {
    /// Adds an alias, with a feed entry for its place.
    AddAlias = "add_alias.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        place: i64 as BigInt,
        alias: String as Text,
        alias_key: String as Text,
    }
}

statement! {
    /// Removes an alias, with a feed entry for its place. Returns kind, id and name of the place, and the spelling.
    RemoveAlias = "remove_alias.sql" -> (Text, BigInt, Text, Text) {
        tenant: i64 as BigInt,
        id: i64 as BigInt,
    }
}

/// Parses the kind of a stored alias.
pub(super) fn aliased_kind(word: &str) -> Result<AliasedKind, StorageFailure> {
    AliasedKind::parse(word).map_err(|error| inconsistent("place_aliases", "kind", error))
}

impl PgTx {
    pub(super) async fn insert_alias(&mut self, alias: &NewPlaceAlias) -> Result<i64, StorageFailure> {
        let statement = AddAlias {
            tenant: alias.tenant.get(),
            kind: alias.kind.get().as_str(),
            place: alias.place,
            alias: alias.alias.as_str().to_owned(),
            alias_key: fold(alias.alias.as_str()),
        };
        let (id,): (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(id)
    }

    pub(super) async fn delete_alias(
        &mut self,
        tenant: TenantId,
        id: i64,
    ) -> Result<Option<PlaceAlias>, StorageFailure> {
        type Row = (String, i64, String, String);
        let statement = RemoveAlias { tenant: tenant.get(), id };
        let row: Option<Row> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(|(kind, place, name, alias)| {
            let (kind, place) = (aliased_kind(&kind)?, NamedRef { id: place, name: name.into() });
            Ok(PlaceAlias { id, kind, place, alias: alias.into() })
        })
        .transpose()
    }
}
