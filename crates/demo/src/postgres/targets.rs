//! The columns that a seed fills, in the order of the values in its rows.

use haat_persistence_adapter::bulk::Target;
use tokio_postgres::types::Type;

pub(super) const REGIONS: Target = Target {
    table: "regions",
    columns: &[("tenant_id", Type::INT8), ("id", Type::INT8), ("name", Type::TEXT), ("name_bn", Type::TEXT)],
};
pub(super) const AREAS: Target = Target {
    table: "areas",
    columns: &[
        ("tenant_id", Type::INT8),
        ("id", Type::INT8),
        ("region_id", Type::INT8),
        ("name", Type::TEXT),
        ("name_bn", Type::TEXT),
    ],
};
pub(super) const TERRITORIES: Target = Target {
    table: "territories",
    columns: &[
        ("tenant_id", Type::INT8),
        ("id", Type::INT8),
        ("area_id", Type::INT8),
        ("name", Type::TEXT),
        ("name_bn", Type::TEXT),
    ],
};
pub(super) const ALIASES: Target = Target {
    table: "place_aliases",
    columns: &[
        ("tenant_id", Type::INT8),
        ("kind", Type::TEXT),
        ("region_id", Type::INT8),
        ("area_id", Type::INT8),
        ("territory_id", Type::INT8),
        ("alias", Type::TEXT),
    ],
};
pub(super) const DISTRIBUTORS: Target = Target {
    table: "distributors",
    columns: &[("tenant_id", Type::INT8), ("id", Type::INT8), ("name", Type::TEXT)],
};
pub(super) const USERS: Target = Target {
    table: "users",
    columns: &[
        ("tenant_id", Type::INT8),
        ("id", Type::INT8),
        ("username", Type::TEXT),
        ("name", Type::TEXT),
        ("phone", Type::TEXT),
        ("password_hash", Type::TEXT),
        ("role", Type::TEXT),
        ("search_key", Type::TEXT),
    ],
};
pub(super) const SALES_REPS: Target =
    Target { table: "sales_reps", columns: &[("tenant_id", Type::INT8), ("id", Type::INT8)] };
pub(super) const RETAILERS: Target = Target {
    table: "retailers",
    columns: &[
        ("tenant_id", Type::INT8),
        ("id", Type::INT8),
        ("uid", Type::TEXT),
        ("name", Type::TEXT),
        ("phone", Type::TEXT),
        ("phone_raw", Type::TEXT),
        ("region_id", Type::INT8),
        ("area_id", Type::INT8),
        ("territory_id", Type::INT8),
        ("distributor_id", Type::INT8),
        ("points", Type::INT4),
        ("routes", Type::TEXT_ARRAY),
        ("notes", Type::TEXT),
        ("search_key", Type::TEXT),
        ("created_at", Type::TIMESTAMPTZ),
        ("updated_at", Type::TIMESTAMPTZ),
    ],
};
pub(super) const ASSIGNMENTS: Target = Target {
    table: "sales_rep_retailers",
    columns: &[
        ("tenant_id", Type::INT8),
        ("sales_rep_id", Type::INT8),
        ("retailer_id", Type::INT8),
        ("uid", Type::TEXT),
        ("name", Type::TEXT),
        ("assigned_at", Type::TIMESTAMPTZ),
        ("batch_id", Type::INT8),
    ],
};
