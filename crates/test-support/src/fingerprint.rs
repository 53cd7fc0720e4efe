use tokio_postgres::Client;

/// Tables, columns, constraints, indexes, functions, triggers, sequences, extensions and rights of the schema `public`,
/// one line each, sorted. Monthly partitions are excluded, because they depend on the date.
const CATALOGUE: &str = r"
SELECT line FROM (
    SELECT format('table %s %s acl=%s', relname, relkind, relacl::text) AS line
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
    UNION ALL
    SELECT format('column %s.%s %s notnull=%s default=%s collation=%s identity=%s', c.relname, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
        a.attcollation::regcollation, a.attidentity)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
        AND NOT a.attisdropped
    UNION ALL
    SELECT format('constraint %s.%s %s validated=%s', conrelid::regclass, conname, pg_get_constraintdef(oid),
        convalidated)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('index %s valid=%s', pg_get_indexdef(i.indexrelid), i.indisvalid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('function %s acl=%s %s', p.oid::regprocedure, p.proacl::text, md5(p.prosrc))
    FROM pg_proc p LEFT JOIN pg_depend e ON e.objid = p.oid AND e.deptype = 'e'
    WHERE p.pronamespace = 'public'::regnamespace AND e.objid IS NULL
    UNION ALL
    SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('extension %s', extname) FROM pg_extension
) AS lines
WHERE line !~ 'audit_logs_[0-9]{4}'
ORDER BY line";

/// Returns a comparable text of everything that a migration can leave behind.
///
/// # Panics
/// Panics if Postgres cannot be reached.
pub async fn fingerprint(client: &Client) -> Vec<String> {
    client.query(CATALOGUE, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}
