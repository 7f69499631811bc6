-- Every maker and primitive: requests, those that failed, pairs made of them, which filters reject how many, and what is
-- accepted. Pairs without a request (filters, inverses) stand with their subtask; a split request makes several pairs.
with asked as (
    select request.strategy as strategy, request.maker as maker, request.primitive as primitive,
        count(*) as asked, count(failed.key) as failed
    from request left join (select distinct key from failure) as failed on failed.key = request.request_id
    group by all
),
made as (
    select pair.pair_id as pair_id, pair.strategy as strategy,
        coalesce(request.maker, pair.maker) as maker, coalesce(request.primitive, pair.subtask) as primitive,
        request.request_id is null as unasked, kept_pair.pair_id is not null as accepted
    from pair
    left join produced on produced.pair_id = pair.pair_id
    left join request on request.request_id = produced.request_id
    left join kept_pair on kept_pair.pair_id = pair.pair_id
),
reason as (
    select strategy, maker, primitive, rejected.filter as filter, count(*) as pairs
    from made join rejected on rejected.noun = 'pair' and rejected.key = made.pair_id
    group by all
),
named as (
    select strategy, maker, primitive, string_agg(filter || ' ' || pairs, ', ' order by pairs desc, filter) as reasons
    from reason group by strategy, maker, primitive
),
counted as (
    select strategy, maker, primitive, count(*) as made, count(*) filter (unasked) as unasked,
        count(*) filter (accepted) as accepted
    from made group by strategy, maker, primitive
)
select strategy, maker, primitive, coalesce(asked.asked, 0) + coalesce(counted.unasked, 0) as asked,
    coalesce(asked.failed, 0) as failed, coalesce(counted.made, 0) as made,
    coalesce(counted.made - counted.accepted, 0) as rejected, coalesce(named.reasons, '') as reasons,
    coalesce(counted.accepted, 0) as accepted, counted.accepted / counted.made as rate
from asked
full join counted using (strategy, maker, primitive)
left join named using (strategy, maker, primitive)
order by strategy, maker, primitive;
