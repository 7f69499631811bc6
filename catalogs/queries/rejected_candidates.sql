-- Preference data: candidates of one request, the accepted one first and each rejected one with its reasons and scores.
with candidate as (
    select request.group_id as group_id, pair.step as step, request.task as task, request.primitive as primitive,
        pair.pair_id as pair_id, pair.source_id as source_id, pair.target_id as target_id, pair.seed as seed,
        kept_pair.pair_id is not null as accepted, score.followed * score.kept as score
    from produced
    join pair on pair.pair_id = produced.pair_id
    join request on request.request_id = produced.request_id
    left join kept_pair on kept_pair.pair_id = pair.pair_id
    left join current_pixel_score as score on score.pair_id = pair.pair_id
),
chosen as (
    select * from candidate where accepted
    qualify row_number() over (partition by group_id, step order by score desc nulls last, pair_id) = 1
),
verdict as (
    select key as pair_id, string_agg(filter || ': ' || reason, '; ' order by filter) as reason
    from rejected where noun = 'pair' group by key
)
select chosen.group_id as group_id, chosen.task as task, chosen.primitive as primitive,
    chosen.source_id as source_id, chosen.pair_id as chosen_id, chosen.target_id as chosen_target_id,
    chosen.score as chosen_score, other.pair_id as rejected_id, other.target_id as rejected_target_id,
    other.score as rejected_score, coalesce(verdict.reason, '') as reason
from chosen
join candidate as other on other.group_id = chosen.group_id and other.step = chosen.step
    and not other.accepted and other.source_id = chosen.source_id
left join verdict on verdict.pair_id = other.pair_id
order by chosen.group_id, chosen.step, other.score desc nulls last, other.pair_id;
