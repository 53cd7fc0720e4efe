DROP TABLE place_aliases;
DROP TABLE distributors;
DROP TABLE territories;
DROP TABLE areas;
DROP TABLE regions;
