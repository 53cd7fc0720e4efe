-- Parameters: $1 tenant; $2 usernames, $3 phones, $4 e-mail addresses and $5 folded employee codes of as many users, NULL if
-- a user has none.
-- Result: for each user, in the same order, whether another user of the tenant has the username, the phone, the e-mail address
-- and the employee code. A sales rep who shares a code from earlier has no folded code.
SELECT EXISTS (SELECT FROM users AS u WHERE u.tenant_id = $1 AND lower(u.username) = i.username),
       EXISTS (SELECT FROM users AS u WHERE u.tenant_id = $1 AND u.phone = i.phone),
       EXISTS (SELECT FROM users AS u WHERE u.tenant_id = $1 AND lower(u.email) = i.email),
       EXISTS (SELECT FROM sales_reps AS s WHERE s.tenant_id = $1 AND s.employee_code_key = i.code)
       OR EXISTS (SELECT FROM sales_reps AS s
                   WHERE s.tenant_id = $1 AND s.employee_code_key IS NULL AND lower(s.employee_code) = i.code)
  FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS i (username, phone, email, code, position)
 ORDER BY i.position
