DROP TABLE password_file_users;
DROP TABLE password_files;
