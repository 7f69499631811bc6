-- Every filter of the latest run that has filters, in its order, with its parameters, what it decides over, and
-- its reason where it rejects $key.
-- $key = 0  image or pair
with latest as (
    select filters from run where len(filters) > 0 order by started_at desc limit 1
),
active as (
    select unnest(filters) as filter, generate_subscripts(filters, 1) as place from latest
)
select active.filter as filter, last.noun as noun, last.parameters as parameters, rejected.reason as reason
from active
join (
    select filter, arg_max(noun, evaluated_at) as noun, arg_max(parameters, evaluated_at) as parameters
    from evaluation group by filter
) as last using (filter)
left join rejected on rejected.filter = active.filter and rejected.key = $key
order by active.place;
