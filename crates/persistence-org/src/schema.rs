// @generated automatically by Diesel CLI.

diesel::table! {
    password_file_users (tenant_id, job_id, row_no) {
        tenant_id -> Int8,
        job_id -> Int8,
        row_no -> Int8,
        user_id -> Int8,
    }
}

diesel::table! {
    password_files (tenant_id, job_id) {
        tenant_id -> Int8,
        job_id -> Int8,
        nonce -> Nullable<Bytea>,
        key_hash -> Bytea,
        created_at -> Timestamptz,
        given_at -> Nullable<Timestamptz>,
        given_to -> Nullable<Int8>,
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
    team_history (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        team_id -> Int8,
        valid -> Tstzrange,
        added_by -> Nullable<Int8>,
        removed_by -> Nullable<Int8>,
    }
}

diesel::table! {
    team_members (tenant_id, user_id) {
        tenant_id -> Int8,
        user_id -> Int8,
        team_id -> Int8,
        joined_at -> Timestamptz,
        added_by -> Nullable<Int8>,
    }
}

diesel::table! {
    teams (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        name_key -> Text,
        area_id -> Nullable<Int8>,
        state -> Text,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
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
    user_activity (tenant_id, day, user_id) {
        tenant_id -> Int8,
        day -> Date,
        user_id -> Int8,
        requests -> Int8,
        changes -> Int8,
        logins -> Int8,
        first_at -> Timestamptz,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    user_roles (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        role -> Text,
        region_id -> Nullable<Int8>,
        area_id -> Nullable<Int8>,
        team_id -> Nullable<Int8>,
        distributor_id -> Nullable<Int8>,
        retailer_id -> Nullable<Int8>,
        granted_by -> Nullable<Int8>,
        granted_at -> Timestamptz,
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

diesel::joinable!(teams -> tenants (tenant_id));
diesel::joinable!(users -> tenants (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(
    password_file_users,
    password_files,
    sales_reps,
    team_history,
    team_members,
    teams,
    tenants,
    user_activity,
    user_roles,
    users,
);
