-- Makers and primitives with their pairs (inverses left out) and the share that no filter rejects.
select request.maker as maker, request.primitive as primitive, count(*) as pairs,
    count(kept.pair_id) / count(*) as accepted
from produced
join request using (request_id)
left join kept_pair as kept on kept.pair_id = produced.pair_id
group by request.maker, request.primitive order by maker, primitive;
