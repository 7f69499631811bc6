-- When a step of a run, other than its report, last changed something: seconds since the epoch, null before the first.
select epoch(max(ended_at)) as changed_at from run_step where kind <> 'report';
