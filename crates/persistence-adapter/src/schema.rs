// @generated automatically by Diesel CLI.

diesel::table! {
    areas (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        region_id -> Int8,
        name -> Text,
        name_bn -> Nullable<Text>,
        version -> Int8,
        name_key -> Nullable<Text>,
        name_bn_key -> Nullable<Text>,
    }
}

diesel::table! {
    assignment_history (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        sales_rep_id -> Int8,
        retailer_id -> Int8,
        valid -> Tstzrange,
        assigned_by -> Nullable<Int8>,
        batch_id -> Nullable<Int8>,
        ended_by -> Nullable<Int8>,
        end_batch_id -> Nullable<Int8>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    assignment_loads (tenant_id, batch_id, sales_rep_id) {
        tenant_id -> Int8,
        batch_id -> Int8,
        sales_rep_id -> Int8,
        before -> Int8,
        after -> Int8,
        capacity -> Int8,
    }
}

diesel::table! {
    assignment_rows (tenant_id, batch_id, row_no, rep) {
        tenant_id -> Int8,
        batch_id -> Int8,
        row_no -> Int8,
        rep -> Text,
        uid -> Text,
        from_rep -> Nullable<Text>,
        out_of_scope -> Bool,
    }
}

diesel::table! {
    assignment_steps (tenant_id, batch_id, retailer_id, sales_rep_id) {
        tenant_id -> Int8,
        batch_id -> Int8,
        retailer_id -> Int8,
        sales_rep_id -> Int8,
        outcome -> Text,
        served_by -> Array<Nullable<Int8>>,
        territory_id -> Int8,
    }
}

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
    batches (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        kind -> Text,
        actor_id -> Nullable<Int8>,
        state -> Text,
        reason -> Nullable<Text>,
        counts -> Jsonb,
        created_at -> Timestamptz,
        undone_by -> Nullable<Int8>,
        options -> Jsonb,
        applied_at -> Nullable<Timestamptz>,
        undoes -> Nullable<Int8>,
        details -> Nullable<Json>,
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
    distributors (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        name_bn -> Nullable<Text>,
        version -> Int8,
        name_key -> Nullable<Text>,
        name_bn_key -> Nullable<Text>,
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
    import_errors (tenant_id, import_id, row_no, field, code) {
        tenant_id -> Int8,
        import_id -> Int8,
        row_no -> Int8,
        field -> Text,
        code -> Text,
        value -> Text,
        sheet_row -> Nullable<Int8>,
    }
}

diesel::table! {
    import_places (tenant_id, import_id, place_no) {
        tenant_id -> Int8,
        import_id -> Int8,
        place_no -> Int4,
        kind -> Text,
        region_id -> Nullable<Int8>,
        region -> Nullable<Text>,
        area_id -> Nullable<Int8>,
        area -> Nullable<Text>,
        name -> Text,
        place_id -> Nullable<Int8>,
        region_key -> Nullable<Text>,
        area_key -> Nullable<Text>,
        name_key -> Nullable<Text>,
    }
}

diesel::table! {
    import_rows (tenant_id, import_id, row_no) {
        tenant_id -> Int8,
        import_id -> Int8,
        row_no -> Int8,
        uid -> Text,
        name -> Nullable<Text>,
        phone -> Nullable<Text>,
        territory_id -> Nullable<Int8>,
        territory_place -> Nullable<Int4>,
        distributor_id -> Nullable<Int8>,
        distributor_place -> Nullable<Int4>,
        points -> Int4,
        routes -> Array<Nullable<Text>>,
        notes -> Nullable<Text>,
        search_key -> Text,
        outcome -> Nullable<Text>,
        sheet_row -> Nullable<Int8>,
    }
}

diesel::table! {
    imports (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        actor_id -> Nullable<Int8>,
        batch_id -> Nullable<Int8>,
        state -> Text,
        file_name -> Nullable<Text>,
        object_key -> Text,
        size_bytes -> Int8,
        options -> Jsonb,
        rows_total -> Int8,
        rows_created -> Int8,
        rows_updated -> Int8,
        rows_unchanged -> Int8,
        rows_failed -> Int8,
        created_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        request_id -> Text,
        known_columns -> Nullable<Array<Nullable<Text>>>,
        extra_columns -> Array<Nullable<Text>>,
        failure -> Nullable<Text>,
        staged_to -> Int8,
        applied_to -> Int8,
        preview -> Nullable<Jsonb>,
        undo_batch_id -> Nullable<Int8>,
        undone_to -> Int8,
        undo_restored -> Int8,
        undo_removed -> Int8,
        undo_changed -> Int8,
        failure_columns -> Array<Nullable<Text>>,
        file_details -> Jsonb,
        error_groups -> Nullable<Jsonb>,
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
    password_file_users (tenant_id, job_id, row_no) {
        tenant_id -> Int8,
        job_id -> Int8,
        row_no -> Int8,
        user_id -> Int8,
    }
}

diesel::table! {
    place_aliases (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        kind -> Text,
        region_id -> Nullable<Int8>,
        area_id -> Nullable<Int8>,
        territory_id -> Nullable<Int8>,
        alias -> Text,
        alias_key -> Nullable<Text>,
    }
}

diesel::table! {
    recovery_codes (tenant_id, user_id, code_hash) {
        tenant_id -> Int8,
        user_id -> Int8,
        code_hash -> Bytea,
    }
}

diesel::table! {
    regions (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        name_bn -> Nullable<Text>,
        version -> Int8,
        name_key -> Nullable<Text>,
        name_bn_key -> Nullable<Text>,
    }
}

diesel::table! {
    retailer_changes (tenant_id, batch_id, retailer_id) {
        tenant_id -> Int8,
        batch_id -> Int8,
        retailer_id -> Int8,
        before -> Nullable<Jsonb>,
        version -> Int8,
        undo_state -> Nullable<Text>,
        undo_version -> Nullable<Int8>,
        undo_base -> Nullable<Int8>,
    }
}

diesel::table! {
    retailer_pair_vocabulary (tenant_id, pair) {
        tenant_id -> Int8,
        pair -> Text,
    }
}

diesel::table! {
    retailer_pairs (tenant_id, pair, prefix) {
        tenant_id -> Int8,
        pair -> Text,
        prefix -> Text,
    }
}

diesel::table! {
    retailer_vocabulary (tenant_id, word) {
        tenant_id -> Int8,
        word -> Text,
        sound -> Nullable<Text>,
    }
}

diesel::table! {
    retailer_words (tenant_id, word, prefix) {
        tenant_id -> Int8,
        word -> Text,
        prefix -> Text,
    }
}

diesel::table! {
    retailers (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        uid -> Text,
        name -> Text,
        phone -> Nullable<Text>,
        phone_raw -> Nullable<Text>,
        region_id -> Int8,
        area_id -> Int8,
        territory_id -> Int8,
        distributor_id -> Nullable<Int8>,
        points -> Int4,
        routes -> Array<Nullable<Text>>,
        notes -> Nullable<Text>,
        search_key -> Text,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        uid_twin -> Int2,
    }
}

diesel::table! {
    sales_rep_retailers (tenant_id, sales_rep_id, retailer_id) {
        tenant_id -> Int8,
        sales_rep_id -> Int8,
        retailer_id -> Int8,
        assigned_at -> Timestamptz,
        assigned_by -> Nullable<Int8>,
        batch_id -> Nullable<Int8>,
        name -> Text,
        uid -> Text,
    }
}

diesel::table! {
    sales_reps (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        employee_code -> Nullable<Text>,
        capacity -> Nullable<Int4>,
        employee_code_key -> Nullable<Text>,
        active -> Bool,
    }
}

diesel::table! {
    second_factors (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        sealed_seed -> Text,
        last_totp_step -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (tenant_id, id) {
        tenant_id -> Int8,
        id -> Uuid,
        user_id -> Int8,
        token_version -> Int4,
        device_id -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        family_hash -> Bytea,
        current_hash -> Bytea,
        previous_hash -> Nullable<Bytea>,
        seed -> Bytea,
        replaced_family_hash -> Nullable<Bytea>,
        replaced_current_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    tenants (id) {
        id -> Int8,
        slug -> Text,
        name -> Text,
        time_zone -> Text,
        state -> Text,
        default_capacity -> Int4,
        created_at -> Timestamptz,
        feed_epoch -> Uuid,
        mfa_required_for_admins -> Bool,
        kind -> Text,
        version -> Int8,
        support_access -> Bool,
    }
}

diesel::table! {
    territories (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        area_id -> Int8,
        name -> Text,
        name_bn -> Nullable<Text>,
        version -> Int8,
        name_key -> Nullable<Text>,
        name_bn_key -> Nullable<Text>,
    }
}

diesel::table! {
    users (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        username -> Text,
        name -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        password_hash -> Text,
        role -> Text,
        state -> Text,
        must_change_password -> Bool,
        token_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
        search_key -> Text,
        mfa_enabled -> Bool,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        access_version -> Int4,
        scoped -> Bool,
        home_user_id -> Nullable<Int8>,
    }
}

diesel::joinable!(batches -> tenants (tenant_id));
diesel::joinable!(changes -> tenants (tenant_id));
diesel::joinable!(distributors -> tenants (tenant_id));
diesel::joinable!(imports -> tenants (tenant_id));
diesel::joinable!(jobs -> tenants (tenant_id));
diesel::joinable!(place_aliases -> tenants (tenant_id));
diesel::joinable!(regions -> tenants (tenant_id));
diesel::joinable!(retailer_pair_vocabulary -> tenants (tenant_id));
diesel::joinable!(retailer_pairs -> tenants (tenant_id));
diesel::joinable!(retailers -> tenants (tenant_id));
diesel::joinable!(users -> tenants (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(
    areas,
    assignment_history,
    assignment_loads,
    assignment_rows,
    assignment_steps,
    audit_logs,
    batches,
    changes,
    distributors,
    idempotency_keys,
    import_errors,
    import_places,
    import_rows,
    imports,
    job_errors,
    jobs,
    password_file_users,
    place_aliases,
    recovery_codes,
    regions,
    retailer_changes,
    retailer_pair_vocabulary,
    retailer_pairs,
    retailer_vocabulary,
    retailer_words,
    retailers,
    sales_rep_retailers,
    sales_reps,
    second_factors,
    sessions,
    tenants,
    territories,
    users,
);
