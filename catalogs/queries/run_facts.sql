-- The run $run_id, or the latest one of a recipe where it is 0 (not: catalog add); carried out several times, it counts once.
-- $run_id = 0  id of the run
select run.run_id as run_id, arg_max(run.recipe, run.started_at) as recipe,
    arg_max(run.recipe_text, run.started_at) as recipe_text, max(run.started_at) as started_at,
    count(*) as times
from run
where run.run_id = $run_id or ($run_id = 0 and run.recipe <> 'add')
group by run.run_id order by started_at desc limit 1;
