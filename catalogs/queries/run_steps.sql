-- Steps of the run $run_id as they last did something, with the rows that earlier executions had done.
-- $run_id = 0  id of the run
select ordinal as ordinal, name as name, kind as kind, total as total, done as done, failed as failed,
    remaining as remaining, (coalesce(sum(done) over executions, 0) - coalesce(done, 0))::bigint as earlier,
    seconds as seconds, note as note
from run_step
where run_id = $run_id
window executions as (partition by ordinal, name, kind)
qualify row_number() over (partition by ordinal, name, kind order by ended_at desc) = 1
order by ordinal, min(ended_at) over executions, name;
