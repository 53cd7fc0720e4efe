DROP TABLE assignment_history;
DROP TABLE sales_rep_retailers;
DROP FUNCTION refuse_span_in_the_past();
