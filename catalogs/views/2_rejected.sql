-- What the filters of the latest run that had filters reject, and why.
create or replace view rejected as
with active as (
    select unnest(filters) as filter
    from (select filters from run where len(filters) > 0 order by started_at desc limit 1)
),
latest as (
    select filter, arg_max(evaluation_id, evaluated_at) as evaluation_id, any_value(noun) as noun
    from evaluation semi join active using (filter) group by filter
)
select latest.noun as noun, decision.key as key, latest.filter as filter, decision.reason as reason
from decision join latest using (evaluation_id);
