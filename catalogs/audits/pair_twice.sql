-- Rows of pair that are stored more than once.
select pair_id as key, count(*) as times from pair group by all having times > 1;
