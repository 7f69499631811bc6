-- The best kept pairs that one maker made of one primitive, as training wants them; inverses are not the maker's.
-- The score is followed times kept. The split follows the photograph; of two or more, one is held out at least.
-- $maker = ''      name of the maker, '' for all
-- $primitive = ''  name of the primitive, '' for all
-- $least = 0.8     lowest score of a pair, 0 to 1
-- $each = 4        pairs of one photograph at most, the best first
-- $most = 2000     pairs at most, the best first
-- $held_out = 0.1  share of photographs that are held out
with scored as (
    select pair.*, request.primitive as primitive, coalesce(pair.photo_id, pair.source_id) as root_id,
        score.followed * score.kept as score
    from kept_pair as pair
    join produced using (pair_id)
    join request using (request_id)
    join current_pixel_score as score on score.pair_id = pair.pair_id
    where (request.maker = $maker or $maker = '') and (request.primitive = $primitive or $primitive = '')
),
said as (
    select subject_id as pair_id,
        list({'tier': tier, 'language': language, 'text': text, 'phrase_id': phrase_id} order by tier, language, text_id) as texts
    from text where tier in ('detailed', 'concise', 'user') group by subject_id
),
best as (
    select * from scored join said using (pair_id)
    where score >= $least
    qualify row_number() over (partition by root_id order by score desc, pair_id) <= $each
),
chosen as (
    select * from best order by score desc, pair_id limit $most
),
root as (
    select root_id, count(*) over () as roots, row_number() over (order by root_id % 10000, root_id) as place,
        roots > 1 and place < roots and (place = 1 or root_id % 10000 < $held_out * 10000) as held
    from (select distinct root_id from chosen)
)
select chosen.pair_id as pair_id, case when root.held then 'held_out' else 'train' end as split,
    chosen.task as task, chosen.subtask as subtask, chosen.strategy as strategy, chosen.maker as maker,
    chosen.primitive as primitive, chosen.score as score, chosen.source_id as source_id,
    chosen.target_id as target_id, source.sha256 as source_sha256, target.sha256 as target_sha256,
    source.width::integer as source_width, source.height::integer as source_height,
    target.width::integer as target_width, target.height::integer as target_height, chosen.texts as texts
from chosen
join root using (root_id)
join image as source on source.image_id = chosen.source_id
join image as target on target.image_id = chosen.target_id
order by chosen.pair_id;
