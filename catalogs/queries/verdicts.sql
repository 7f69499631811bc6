-- Filters of the latest run that had any: the parameters they used, the rows they reject, and those that
-- no other filter rejects.
with active as (
    select unnest(filters) as filter
    from (select filters from run where len(filters) > 0 order by started_at desc limit 1)
),
latest as (
    select filter, arg_max(noun, evaluated_at) as noun, arg_max(parameters, evaluated_at) as parameters
    from evaluation semi join active using (filter) group by filter
),
alone as (
    select noun, key, filter, count(*) over (partition by noun, key) = 1 as only_one from rejected
)
select latest.noun as noun, latest.filter as filter, latest.parameters as parameters,
    count(alone.key) as rejected, count(*) filter (only_one) as alone
from latest left join alone using (noun, filter)
group by all order by noun, rejected desc, filter;
