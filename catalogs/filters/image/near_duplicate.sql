-- Photographs that are near duplicates of one that is kept: of each cluster, all but its representative (Sec. 2.2.1).
-- The representative is the best by the criteria of $order, in turn: verdict (no other filter rejects it), resolution
-- (pixels), bytes, quality (low BRISQUE), sharpness, licence (place in $licences), source (place in $sources); what
-- is unknown or not listed comes last, and the smaller id decides in the end.
-- $order = resolution,quality,licence,source  criteria, the most important first
-- $licences = ''  licences, the most welcome first, between commas
-- $sources = ''  sources, the most welcome first, between commas
with wish as (
    select string_split(replace($order, ' ', ''), ',') as criteria,
        list_transform(string_split($licences, ','), lambda each: trim(each)) as licences,
        list_transform(string_split($sources, ','), lambda each: trim(each)) as sources
),
origin as (
    select ingested.image_id as image_id, min(nullif(list_position(wish.sources, file.source), 0)) as place
    from wish cross join ingested join file using (file_id) group by ingested.image_id
),
refused as (
    select distinct key as image_id from rejected where noun = 'image' and filter <> 'near_duplicate'
),
-- For each criterion a number: the smaller, the better.
ranked as (
    select member.cluster_id as cluster_id, image.image_id as image_id, list_transform(wish.criteria,
        lambda criterion: coalesce(case criterion
            when 'verdict' then if(refused.image_id is null, 0, 1)
            when 'resolution' then -image.width * image.height
            when 'bytes' then -image.bytes
            when 'quality' then quality.brisque
            when 'sharpness' then -photometry.sharpness
            when 'licence' then nullif(list_position(wish.licences, image.licence), 0)
            when 'source' then origin.place
            else error('near_duplicate: no criterion ' || criterion
                || ' (one of: verdict, resolution, bytes, quality, sharpness, licence, source)')
        end, 'infinity'::double)) as rank
    from wish cross join current_cluster as member join image using (image_id)
    left join current_quality as quality on quality.image_id = image.image_id
    left join current_photometry as photometry on photometry.image_id = image.image_id
    left join origin on origin.image_id = image.image_id
    left join refused on refused.image_id = image.image_id
),
representative as (
    select * from ranked qualify row_number() over (partition by cluster_id order by rank, image_id) = 1
),
loser as (
    select ranked.image_id as image_id, representative.image_id as kept_id,
        -- The first criterion by which the one is better than the other.
        wish.criteria[list_position(list_transform(list_zip(representative.rank, ranked.rank),
            lambda two: two[1] < two[2]), true)] as criterion
    from wish cross join ranked join representative using (cluster_id)
    where ranked.image_id <> representative.image_id
)
select loser.image_id as key,
    any_value(format('near duplicate of image {} ({}); kept for {}', loser.kept_id, case
        when neighbour.method is null then 'by way of other copies'
        else format('{}, {}{}', neighbour.method,
            if(neighbour.method = 'vector', format('cosine {:.2f}', 1 - neighbour.distance),
                format('{:.0f} bits', neighbour.distance)),
            coalesce(format(', correlation {:.2f}', score.correlation), ''))
        end, coalesce(loser.criterion, 'its id'))) as reason
from loser
left join neighbour on neighbour.image_id = least(loser.image_id, loser.kept_id)
    and neighbour.other_id = greatest(loser.image_id, loser.kept_id)
left join current_neighbour_score as score using (neighbour_id)
group by loser.image_id;
