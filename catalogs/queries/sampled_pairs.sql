-- Task, subtask and shortest English instruction of the pairs $pair_ids.
-- $pair_ids = []  ids of pairs
select pair.pair_id as pair_id, pair.task as task, pair.subtask as subtask,
    arg_min(text.text, length(text.text)) filter (text.tier in ('concise', 'detailed') and text.language = 'en') as text
from pair left join text on text.subject_id = pair.pair_id
where pair.pair_id in (select unnest($pair_ids::bigint[]))
group by all order by pair_id;
