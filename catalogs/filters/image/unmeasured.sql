-- Photographs that an operator could not measure: what is not known of them, no filter can judge.
with latest as (select arg_max(operator_id, used_at) as operator_id from last_use group by name)
select failure.key as key,
    string_agg(format('{}: {}', failure.operator, failure.error), '; ' order by failure.operator) as reason
from failure
semi join latest using (operator_id)
semi join photo on photo.image_id = failure.key
group by failure.key;
