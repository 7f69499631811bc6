-- Two kept pairs of one source, one maker and one primitive whose targets differ: from one target to the other
-- leads an edit too. Each two in both directions.
create or replace view sibling as
with made as (
    select pair.pair_id as pair_id, pair.source_id as source_id, pair.target_id as target_id,
        pair.parameters as parameters, pair.photo_id as photo_id, request.maker as maker, request.primitive as primitive
    from kept_pair as pair
    join produced using (pair_id)
    join request using (request_id)
    where pair.strategy in ('expert', 'control', 'template') and coalesce(len(pair.reference_ids), 0) = 0
)
select (hash(one.pair_id, other.pair_id) >> 1)::bigint as sibling_id, one.pair_id as pair_id, other.pair_id as other_id,
    one.target_id as source_id, other.target_id as target_id, one.parameters as parameters,
    other.parameters as other_parameters, one.photo_id as photo_id
from made as one
join made as other on other.source_id = one.source_id and other.maker = one.maker
    and other.primitive = one.primitive and other.target_id <> one.target_id;
