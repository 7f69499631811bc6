-- Pairs that only make a photograph worse; they stay in the catalog as parents of the restorations.
-- $subtask = 'degrade_'  what the names of such subtasks start with
select pair_id as key, format('subtask {} makes the photograph worse', subtask) as reason
from pair where starts_with(subtask, $subtask);
