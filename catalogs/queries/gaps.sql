-- Tasks with fewer than $min_pairs kept pairs, the emptiest first.
-- $min_pairs = 100  pairs that a task should have
select task.name as task, task.family as family, count(pair.pair_id) as pairs, $min_pairs - pairs as missing
from task left join kept_pair as pair on pair.task = task.name
group by all having pairs < $min_pairs order by missing desc, task;
