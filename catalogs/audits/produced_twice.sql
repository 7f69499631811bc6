-- Pairs that say twice what they took, and requests of which one operator made more than one pair (a split one has many).
select pair_id as key, 'pair' as kind, count(*) as times from produced group by all having times > 1
union all
select produced.request_id as key, 'request' as kind, count(*) as times
from produced join request using (request_id)
where request.strategy <> 'split'
group by produced.request_id, produced.operator_id having times > 1;
