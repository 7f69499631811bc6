-- Pairs made and kept for each task and subtask.
select pair.task as task, pair.subtask as subtask, pair.strategy as strategy, count(*) as made,
    count(kept_pair.pair_id) as kept
from pair left join kept_pair using (pair_id)
group by all order by task, subtask, strategy;
