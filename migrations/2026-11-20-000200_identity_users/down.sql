DROP TABLE sales_reps;
DROP TABLE users;
DROP TABLE tenants;
