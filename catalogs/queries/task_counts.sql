-- All fifteen tasks with the pairs that were made and kept, the subtasks these cover, and how many are missing.
-- $min_pairs = 100  pairs that a task should have
with counted as (
    select task.family as family, task.name as task, count(pair.pair_id) as made,
        count(kept_pair.pair_id) as kept, count(distinct kept_pair.subtask) as subtasks
    from task
    left join pair on pair.task = task.name
    left join kept_pair on kept_pair.pair_id = pair.pair_id
    group by all
)
select family as family, task as task, made as made, kept as kept, subtasks as subtasks,
    greatest(0, $min_pairs - kept) as missing
from counted
order by array_position(['semantic', 'stylistic', 'structural'], family), kept desc, task;
