//! A server that does as little as possible: prepared bytes, a verified token, one prepared statement.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use deadpool::Runtime;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Outcome;
use crate::tokens::Verifier;

diesel::table! {
    sales_rep_retailers (tenant_id, sales_rep_id, retailer_id) {
        tenant_id -> BigInt,
        sales_rep_id -> BigInt,
        retailer_id -> BigInt,
        name -> Text,
        uid -> Text,
        assigned_at -> Timestamptz,
    }
}
diesel::table! {
    retailers (tenant_id, id) {
        tenant_id -> BigInt,
        id -> BigInt,
        uid -> Text,
        name -> Text,
        phone -> Nullable<Text>,
        region_id -> BigInt,
        area_id -> BigInt,
        territory_id -> BigInt,
        distributor_id -> Nullable<BigInt>,
        points -> Integer,
        routes -> Array<Text>,
        notes -> Nullable<Text>,
        version -> BigInt,
        deleted_at -> Nullable<Timestamptz>,
    }
}
diesel::allow_tables_to_appear_in_same_query!(sales_rep_retailers, retailers);

type Row =
    (String, String, Option<String>, i64, i64, i64, Option<i64>, i32, Vec<String>, Option<String>, i64);

struct Floor {
    list: web::Bytes,
    detail: web::Bytes,
    verifier: Verifier,
    pool: Pool<AsyncPgConnection>,
    names: HashMap<i64, String>,
}

/// Serves until the process is killed.
pub(crate) fn serve() -> Outcome<()> {
    actix_web::rt::System::new().block_on(async {
        let mut manager = ManagerConfig::<AsyncPgConnection>::default();
        manager.recycling_method = RecyclingMethod::Fast;
        let url = std::env::var("HAAT_FLOOR_DATABASE")?;
        let pool = Pool::builder(AsyncDieselConnectionManager::new_with_config(url, manager))
            .max_size(16)
            .runtime(Runtime::Tokio1)
            .build()?;
        let floor = web::Data::from(Arc::new(Floor {
            list: std::env::var("HAAT_FLOOR_LIST")?.into(),
            detail: std::env::var("HAAT_FLOOR_DETAIL")?.into(),
            verifier: Verifier::new(),
            pool,
            names: (0..4_000).map(|id| (id, format!("Place {id}"))).collect(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0")?;
        println!("Listening on http://{}", listener.local_addr()?);
        HttpServer::new(move || {
            App::new()
                .app_data(floor.clone())
                .route("/ready/retailers", web::get().to(list))
                .route("/ready/retailers/{uid}", web::get().to(detail))
                .route("/query/retailers", web::get().to(query_list))
                .route("/query/retailers/{uid}", web::get().to(query_detail))
        })
        .listen(listener)?
        .run()
        .await?;
        Ok(())
    })
}

fn user(request: &HttpRequest, floor: &Floor) -> Option<i64> {
    floor.verifier.user(request.headers().get("authorization")?.to_str().ok()?)
}

fn json(body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

async fn list(request: HttpRequest, floor: web::Data<Floor>) -> HttpResponse {
    match user(&request, &floor) {
        Some(_) => json(floor.list.clone()),
        None => HttpResponse::Unauthorized().finish(),
    }
}

async fn detail(request: HttpRequest, floor: web::Data<Floor>) -> HttpResponse {
    match user(&request, &floor) {
        Some(_) => json(floor.detail.clone()),
        None => HttpResponse::Unauthorized().finish(),
    }
}

macro_rules! rows {
    ($filtered:expr) => {
        sales_rep_retailers::table
            .inner_join(
                retailers::table.on(retailers::tenant_id
                    .eq(sales_rep_retailers::tenant_id)
                    .and(retailers::id.eq(sales_rep_retailers::retailer_id))),
            )
            .filter(sales_rep_retailers::tenant_id.eq(1_i64))
            .filter(retailers::deleted_at.is_null())
            .select((
                retailers::uid,
                retailers::name,
                retailers::phone,
                retailers::region_id,
                retailers::area_id,
                retailers::territory_id,
                retailers::distributor_id,
                retailers::points,
                retailers::routes,
                retailers::notes,
                retailers::version,
            ))
            .filter($filtered)
    };
}

async fn query_list(request: HttpRequest, floor: web::Data<Floor>) -> HttpResponse {
    let Some(user) = user(&request, &floor) else {
        return HttpResponse::Unauthorized().finish();
    };
    let query = rows!(sales_rep_retailers::sales_rep_id.eq(user))
        .order((sales_rep_retailers::name, sales_rep_retailers::uid))
        .limit(21);
    respond(&floor, query).await
}

async fn query_detail(request: HttpRequest, uid: web::Path<String>, floor: web::Data<Floor>) -> HttpResponse {
    let Some(user) = user(&request, &floor) else {
        return HttpResponse::Unauthorized().finish();
    };
    let query = rows!(
        sales_rep_retailers::sales_rep_id
            .eq(user)
            .and(retailers::tenant_id.eq(1_i64))
            .and(retailers::uid.eq(uid.into_inner()))
    );
    respond(&floor, query).await
}

/// The columns that every query of rows returns.
type Columns = (
    Text,
    Text,
    Nullable<Text>,
    BigInt,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    Integer,
    Array<Text>,
    Nullable<Text>,
    BigInt,
);

async fn respond(
    floor: &Floor,
    query: impl diesel::query_builder::Query<SqlType = Columns>
    + diesel::query_builder::QueryFragment<diesel::pg::Pg>
    + diesel::query_builder::QueryId
    + Send
    + 'static,
) -> HttpResponse {
    let Ok(mut connection) = floor.pool.get().await else {
        return HttpResponse::ServiceUnavailable().finish();
    };
    let rows: Vec<Row> = match query.load(&mut *connection).await {
        Ok(rows) => rows,
        Err(_) => return HttpResponse::InternalServerError().finish(),
    };
    let name = |id: i64| floor.names.get(&id).map_or("", String::as_str);
    let retailers: Vec<_> = rows
        .iter()
        .take(20)
        .map(|row| Retailer {
            uid: &row.0,
            name: &row.1,
            phone: row.2.as_deref(),
            region: NamedRef { id: row.3, name: name(row.3) },
            area: NamedRef { id: row.4, name: name(row.4) },
            territory: NamedRef { id: row.5, name: name(row.5) },
            distributor: row.6.map(|id| NamedRef { id, name: name(id) }),
            points: row.7,
            routes: &row.8,
            notes: row.9.as_deref(),
            version: row.10,
        })
        .collect();
    HttpResponse::Ok().json(Page { data: retailers })
}

#[derive(serde::Serialize)]
struct Page<'a> {
    data: Vec<Retailer<'a>>,
}

#[derive(serde::Serialize)]
struct NamedRef<'a> {
    id: i64,
    name: &'a str,
}

#[derive(serde::Serialize)]
struct Retailer<'a> {
    uid: &'a str,
    name: &'a str,
    phone: Option<&'a str>,
    region: NamedRef<'a>,
    area: NamedRef<'a>,
    territory: NamedRef<'a>,
    distributor: Option<NamedRef<'a>>,
    points: i32,
    routes: &'a [String],
    notes: Option<&'a str>,
    version: i64,
}
