ALTER TABLE jobs ALTER COLUMN run_at SET DEFAULT now();
DROP FUNCTION haat_clock();
DROP FUNCTION haat_now();
