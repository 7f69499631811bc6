-- How the training run $run_name edits held-out pairs, before and after, against copying the source: by task,
-- and over all of them in the row whose task is null.
-- $run_name = latest  name of the training run
with measured as (
    select pair.task as task, edit_score.* from edit_score join pair using (pair_id)
    where edit_score.run_name = $run_name
)
select task as task, count(distinct pair_id) as pairs, avg(psnr_copy) as psnr_copy,
    avg(psnr) filter (phase = 'before') as psnr_before, avg(psnr) filter (phase = 'after') as psnr_after,
    avg(followed::integer) filter (phase = 'before') as followed_before,
    avg(followed::integer) filter (phase = 'after') as followed_after,
    count(followed) filter (phase = 'after') as followed_of
from measured group by grouping sets ((task), ()) having count(*) > 0
order by task is null, task;
