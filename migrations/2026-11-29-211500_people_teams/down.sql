DROP TABLE team_history;
DROP TABLE team_members;
DROP TABLE teams;
