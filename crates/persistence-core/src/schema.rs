// @generated automatically by Diesel CLI.

diesel::table! {
    audit_logs (tenant_id, occurred_at, id) {
        tenant_id -> Int8,
        occurred_at -> Timestamptz,
        id -> Int8,
        actor_id -> Nullable<Int8>,
        actor_role -> Nullable<Text>,
        action -> Text,
        entity -> Text,
        entity_id -> Nullable<Text>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        request_id -> Nullable<Text>,
        batch_id -> Nullable<Int8>,
    }
}

diesel::table! {
    changes (tenant_id, tx_id, id) {
        tenant_id -> Int8,
        tx_id -> Int8,
        id -> Int8,
        entity -> Text,
        entity_id -> Nullable<Int8>,
        kind -> Text,
        sales_rep_id -> Nullable<Int8>,
        batch_id -> Nullable<Int8>,
        created_at -> Timestamptz,
        audience -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (tenant_id, user_id, key) {
        tenant_id -> Int8,
        user_id -> Int8,
        key -> Text,
        route -> Text,
        body_hash -> Bytea,
        status -> Int2,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Nullable<Bytea>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    job_errors (tenant_id, job_id, row_no, field) {
        tenant_id -> Int8,
        job_id -> Int8,
        row_no -> Int8,
        field -> Text,
        code -> Text,
        value -> Text,
    }
}

diesel::table! {
    jobs (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        kind -> Text,
        payload -> Jsonb,
        state -> Text,
        attempts -> Int4,
        run_at -> Timestamptz,
        heartbeat_at -> Nullable<Timestamptz>,
        progress -> Jsonb,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        actor_id -> Nullable<Int8>,
        started_at -> Nullable<Timestamptz>,
        result -> Jsonb,
        failure -> Nullable<Text>,
        lane -> Text,
        priority -> Int2,
        dedupe_key -> Nullable<Text>,
        coalesces -> Bool,
        expires_at -> Nullable<Timestamptz>,
        cancel_requested_at -> Nullable<Timestamptz>,
        schedule -> Nullable<Text>,
        slot -> Nullable<Timestamptz>,
        missed_slots -> Int4,
    }
}

diesel::table! {
    schedules (tenant_id, name) {
        tenant_id -> Int8,
        name -> Text,
        enabled -> Bool,
        decided_until -> Timestamptz,
        last_slot -> Nullable<Timestamptz>,
        wake_at -> Nullable<Timestamptz>,
        last_job_id -> Nullable<Int8>,
        version -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    audit_logs,
    changes,
    idempotency_keys,
    job_errors,
    jobs,
    schedules,
);
