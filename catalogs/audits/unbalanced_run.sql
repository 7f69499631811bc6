-- Steps of runs that lost rows: total differs from done + failed + remaining.
select run_id, ordinal, name, total, done, failed, remaining from run_step
where kind = 'operator' and total <> done + failed + remaining;
