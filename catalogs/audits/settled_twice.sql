-- Rows that an operator finished more than once.
select operator_id, key, count(*) as times from ledger where error is null group by all having times > 1;
