-- Pairs of a task that is not one of the fifteen.
select pair_id as key, task from pair where task not in (select name from task);
