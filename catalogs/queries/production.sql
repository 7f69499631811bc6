-- All fifteen tasks by strategy: what was asked, made, failed, rejected and accepted, and the time and money it took.
-- Requests that wait for an installation or a server are `waiting`, not failed.
-- Pairs that no request asked for by themselves (filters, inverses, steps of a split) count as asked when made.
with asked as (
    select request.task as task, request.strategy as strategy, count(*) as asked,
        count(failed.key) filter (not failed.transient) as failed, count(failed.key) filter (failed.transient) as waiting
    from request
    left join (select key, bool_and(transient) as transient from failure group by key) as failed
        on failed.key = request.request_id
    group by all
),
made as (
    select pair.task as task, pair.strategy as strategy, count(*) as made,
        count(*) filter (produced.pair_id is null or pair.step > 0) as unasked, count(kept_pair.pair_id) as accepted,
        coalesce(sum(produced.seconds), 0) as seconds, coalesce(sum(produced.money), 0) as money
    from pair
    left join produced on produced.pair_id = pair.pair_id
    left join kept_pair on kept_pair.pair_id = pair.pair_id
    group by all
),
joined as (
    select task, strategy, coalesce(asked.asked, 0) + coalesce(made.unasked, 0) as asked,
        coalesce(asked.failed, 0) as failed, coalesce(asked.waiting, 0) as waiting, coalesce(made.made, 0) as made,
        coalesce(made.accepted, 0) as accepted, coalesce(made.seconds, 0) as seconds, coalesce(made.money, 0) as money
    from asked full join made using (task, strategy)
)
select task.family as family, task.name as task, joined.strategy as strategy, coalesce(asked, 0) as asked,
    coalesce(made, 0) as made, coalesce(failed, 0) as failed, coalesce(waiting, 0) as waiting,
    coalesce(made - accepted, 0) as rejected,
    coalesce(accepted, 0) as accepted, coalesce(seconds, 0) as seconds, coalesce(money, 0) as money
from task left join joined on joined.task = task.name
order by array_position(['semantic', 'stylistic', 'structural'], family), task, strategy;
