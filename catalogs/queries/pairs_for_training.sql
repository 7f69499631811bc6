-- Kept pairs with both blobs and all instructions; the split follows the photograph, so no photograph is on both sides.
-- Where there are two photographs or more, at least one is held out, and one is not.
-- A pair that shows a photograph of the other side besides its own is on neither.
-- $held_out = 0.1       share of photographs that are held out
-- $references = false   whether pairs with further reference pictures are chosen
with rooted as (
    select *, coalesce(photo_id, source_id) as root_id from kept_pair
    where $references or coalesce(len(reference_ids), 0) = 0
),
root as (
    select root_id, count(*) over () as roots, row_number() over (order by root_id % 10000, root_id) as place,
        roots > 1 and place < roots and (place = 1 or root_id % 10000 < $held_out * 10000) as held
    from (select distinct root_id from rooted)
),
mixed as (
    select distinct pair.pair_id as pair_id
    from rooted as pair
    join root as own using (root_id)
    join ingredient on ingredient.pair_id in (pair.pair_id, pair.parent_id)
    join root as other on other.root_id = ingredient.photo_id
    where own.held <> other.held
),
referred as (
    select pair_id, list({'sha256': image.sha256, 'width': image.width::integer, 'height': image.height::integer}
        order by place) as "references"
    from (select pair_id, unnest(reference_ids) as image_id, generate_subscripts(reference_ids, 1) as place from rooted)
    join image using (image_id) group by pair_id
),
said as (
    select subject_id as pair_id,
        list({'tier': tier, 'language': language, 'text': text, 'phrase_id': phrase_id} order by tier, language, text_id) as texts
    from text where tier in ('detailed', 'concise', 'user') group by subject_id
)
select rooted.pair_id as pair_id,
    case when root.held then 'held_out' else 'train' end as split,
    rooted.task as task, rooted.subtask as subtask, rooted.strategy as strategy, rooted.source_id as source_id,
    rooted.target_id as target_id, source.sha256 as source_sha256, target.sha256 as target_sha256,
    source.width::integer as source_width, source.height::integer as source_height,
    target.width::integer as target_width, target.height::integer as target_height, said.texts as texts,
    coalesce(referred."references", []) as "references"
from rooted
join root using (root_id)
join said using (pair_id)
join image as source on source.image_id = rooted.source_id
join image as target on target.image_id = rooted.target_id
left join referred on referred.pair_id = rooted.pair_id
where rooted.pair_id not in (select pair_id from mixed)
order by rooted.pair_id;
