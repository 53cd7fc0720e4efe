-- Parameters: $1 tenant, $2 prefixes of names, $3 a text, $4 and $5 name and uid of the previous row (NULL: none),
-- $6 row limit, $7 regions, $8 areas, $9 territories and $10 distributors (NULL: any), $11 whether a sales rep serves the
-- retailer (NULL: either), $12 regular expressions for the words of the text (NULL: the key must contain the text; otherwise it
-- must match all of them and not contain the text), $13 sales reps of whom one must serve the retailer (NULL: any).
-- "prefixes": the prefixes, each with the greatest name that has it; a prefix shorter than 12 characters is a whole name.
-- "matching": the retailers that match, in no order. Not materialized, so that they are read by prefix.
, prefixes AS NOT MATERIALIZED (
    SELECT prefix, prefix || CASE length(prefix) WHEN 12 THEN U&'\+10FFFF' ELSE '' END AS last
      FROM unnest($2::text[]) AS p (prefix)
), matching AS NOT MATERIALIZED (
    SELECT r.*
      FROM retailers AS r
     WHERE r.tenant_id = $1 AND r.deleted_at IS NULL
       -- Not LIKE: its index would be scanned completely for each prefix.
       AND CASE WHEN $12::text[] IS NULL THEN strpos(r.search_key, $3) > 0
                ELSE strpos(r.search_key, $3) = 0 AND r.search_key ~ ALL ($12) END
       AND ($7::bigint[] IS NULL OR r.region_id = ANY ($7)) AND ($8::bigint[] IS NULL OR r.area_id = ANY ($8))
       AND ($9::bigint[] IS NULL OR r.territory_id = ANY ($9))
       AND ($10::bigint[] IS NULL OR r.distributor_id = ANY ($10))
       AND ($11::boolean IS NULL OR $11 = EXISTS (
           SELECT FROM sales_rep_retailers AS s WHERE s.tenant_id = $1 AND s.retailer_id = r.id
       ))
       AND ($13::bigint[] IS NULL OR EXISTS (
           SELECT FROM sales_rep_retailers AS s
            WHERE s.tenant_id = $1 AND s.retailer_id = r.id AND s.sales_rep_id = ANY ($13)
       ))
)
