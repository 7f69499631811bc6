-- Rejected images to look at, up to $each a filter and over its different reasons, with the name of a file
-- and, where the reason names one, the image they are a twin of.
-- $each = 8  images of each filter
with named as (
    select ingested.image_id as image_id, min(parse_filename(file.path)) as name
    from ingested join file using (file_id) group by ingested.image_id
),
kind as (
    select *, split_part(reason, ' ', 1) as property,
        try_cast(regexp_extract(reason, '(?:from|of) image (\d+)', 1) as bigint) as twin_id
    from rejected where noun = 'image'
),
ranked as (
    select *, row_number() over (partition by filter, property order by key) as place from kind
),
chosen as (
    select * from ranked
    qualify row_number() over (partition by filter order by place, property, key) <= $each
)
select chosen.filter as filter, regexp_replace(chosen.reason, '(from|of) image \d+', '\1 its twin') as reason, image.image_id as image_id, image.sha256 as sha256,
    image.width as width, image.height as height, named.name as name, twin.sha256 as twin_sha256,
    twin.width as twin_width, twin.height as twin_height, twin_named.name as twin_name
from chosen
join image on image.image_id = chosen.key
left join named on named.image_id = image.image_id
left join image as twin on twin.image_id = chosen.twin_id
left join named as twin_named on twin_named.image_id = twin.image_id
order by chosen.filter, chosen.place, chosen.property, chosen.key;
