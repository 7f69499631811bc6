-- What became of each file: the error that kept it out, or its image, which way that stands by geometric cues,
-- and the filters of the latest run that reject it, with their reasons in the same order.
with last_file as (
    select path, arg_max(file_id, modified_ns) as file_id from file group by path
),
refused as (
    select key as file_id, any_value(error) as error from failure where operator = 'ingest' group by key
),
turned as (
    select image_id, any_value(turn) as turn, any_value(tilt) as tilt from current_orientation group by image_id
),
reasons as (
    select key as image_id, list(filter order by filter) as filters, list(reason order by filter) as reasons
    from rejected where noun = 'image' group by key
)
select last_file.path as path, refused.error as error, image.image_id as image_id, image.sha256 as sha256,
    turned.turn as turn, turned.tilt as tilt, coalesce(reasons.filters, []) as filters,
    coalesce(reasons.reasons, []) as reasons
from last_file
left join refused using (file_id)
left join current_ingested as ingested using (file_id)
left join image using (image_id)
left join turned using (image_id)
left join reasons using (image_id)
order by path;
