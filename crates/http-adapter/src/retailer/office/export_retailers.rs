use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use csv::{Terminator, WriterBuilder};
use futures_util::{StreamExt as _, stream};
use haat_application::retailer::office::{Export, ExportedPart, OfficeRetailerApi};
use haat_application::shared::Permission;
use haat_domain::retailer::Retailer;
use haat_domain::shared::{Phone, StorageFailure, csv_cell};
use haat_domain::territory::SalesMap;

use super::pool_query::parse_export;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, RequestId};

/// What an import takes, in the same words.
const COLUMNS: [&str; 10] =
    ["uid", "name", "phone", "region", "area", "territory", "distributor", "points", "routes", "notes"];

/// Says that the file is UTF-8: spreadsheets take it for something else without, and Bangla for noise.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Export shops
///
/// All shops that the filters leave, by uid, as CSV that an import takes back: UTF-8 with a byte order mark, CRLF, routes
/// separated by `;`. It is sent while it is read, so one that breaks off is not ended properly. Cells beginning with
/// `=`, `+`, `-`, `@`, tab or `'` get a leading `'`, except whole numbers with or without a sign.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "exportRetailers",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "A part of name, uid or phone, as in the list"),
        ("region" = Option<String>, Query, description = "A region: its id, or exactly its name"),
        ("area" = Option<String>, Query, description = "An area: its id, or exactly its name"),
        ("territory" = Option<String>, Query, description = "A territory: its id, or exactly its name"),
        ("distributor" = Option<String>, Query, description = "A distributor: its id, or exactly its name"),
        ("assigned" = Option<bool>, Query, description = "Whether somebody serves it"),
        ("salesRep" = Option<String>, Query, description = "Who serves it: id or username"),
        ("deleted" = Option<bool>, Query, description = "The deleted shops instead of the others"),
    ),
    responses(
        (status = 200, description = "A file", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/export")]
pub(super) async fn export_retailers(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let input = parse_export(QueryParams::of(&request)?.0)?;
    let mut export = api.export.execute(&caller.0, &input).await?;
    // Before the head is sent, so that a storage that is away is told as such.
    let first = export.next().await?;
    let head = file([COLUMNS.map(str::to_owned)]).map(|head| [BYTE_ORDER_MARK.as_bytes(), &head].concat());
    let head = head.map(web::Bytes::from).map_err(Error::from);
    let file_name = format!("attachment; filename=\"retailers-{}.csv\"", export.day());
    let body = stream::iter([head]).chain(parts(export, first, RequestId::of(&request)));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, file_name))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(body))
}

/// The parts, each read once the client has taken the one before.
fn parts(
    export: Export,
    first: Option<ExportedPart>,
    request_id: String,
) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    let state = (export, first, request_id);
    stream::try_unfold(state, async |(mut export, ready, request_id)| {
        let part = match ready {
            Some(part) => Ok(Some(part)),
            None => export.next().await,
        };
        let part = part.inspect_err(|failure: &StorageFailure| {
            // The edge has given the answer away by now, so it is told here.
            tracing::error!(id = request_id, %failure, "an export broke off");
        });
        let Some(part) = part.map_err(Problem::from)? else {
            return Ok(None);
        };
        let rows = file(part.rows.iter().map(|shop| cells(shop, &part.map)))?;
        Ok(Some((rows.into(), (export, None, request_id))))
    })
}

/// Rows as CSV (RFC 4180).
fn file(rows: impl IntoIterator<Item = [String; 10]>) -> Result<Vec<u8>, Problem> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let written = writer.write_record(row.iter().map(|value| csv_cell(value).into_owned()));
        written.map_err(|error| Problem::internal(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| Problem::internal(error.to_string()))
}

fn cells(shop: &Retailer, map: &SalesMap) -> [String; 10] {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        shop.uid.as_str().to_owned(),
        shop.name.clone(),
        text(shop.phone.as_ref().map(Phone::as_str)),
        text(map.regions.name(shop.region)),
        text(map.areas.name(shop.area)),
        text(map.territories.name(shop.territory)),
        text(shop.distributor.and_then(|id| map.distributors.name(id))),
        shop.points.to_string(),
        shop.routes.join(";"),
        text(shop.notes.as_deref()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_and_never_formulas() {
        let row = ["A", "=1+1", "+8801711234567", "a,b", "a\"b", "a\nb", "", "7", "'x;y", "-1-1"];
        let text = String::from_utf8(file([row.map(str::to_owned)]).unwrap()).unwrap();
        assert_eq!(text, "A,'=1+1,+8801711234567,\"a,b\",\"a\"\"b\",\"a\nb\",,7,''x;y,'-1-1\r\n");
    }
}
