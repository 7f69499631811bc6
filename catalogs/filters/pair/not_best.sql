-- Candidates of one request (the same wish with other seeds) of which another one did better; one is kept of each.
-- The score is followed times kept, then the smaller id wins. Inverses compete with the inverses of the others.
-- $least = 0.0  how much better the other must be, 0 to 1
with candidate as (
    select pair.pair_id as pair_id, request.group_id as group_id, pair.step as step,
        pair.strategy = 'invert' as inverse, coalesce(score.followed * score.kept, 0) as score
    from pair
    join produced on produced.pair_id = if(pair.strategy = 'invert', pair.parent_id, pair.pair_id)
    join request on request.request_id = produced.request_id
    left join current_pixel_score as score on score.pair_id = pair.pair_id
),
ranked as (
    select *, first(pair_id) over best as best_id, first(score) over best as best_score
    from candidate
    window best as (partition by group_id, step, inverse order by score desc, pair_id)
)
select pair_id as key, format('pair {} did better: score {:.2f} against {:.2f}', best_id, best_score, score) as reason
from ranked where pair_id <> best_id and best_score - score >= $least;
