-- Rows that an operator could not do, with the reason.
create or replace view failure as
with last as (
    select operator_id, key, arg_max({'error': error, 'transient': transient}, settled_at) as outcome
    from ledger group by operator_id, key
)
select last_use.name as operator, last.operator_id as operator_id, last.key as key,
    last.outcome.error as error, last.outcome.transient as transient
from last join last_use using (operator_id)
where last.outcome.error is not null;
