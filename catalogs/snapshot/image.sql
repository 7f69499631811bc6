-- Every image with its measurements and why it was rejected (null: kept).
select image.* exclude (operator_id), photometry.* exclude (image_id), image_hash.phash as phash, reason.reasons as rejected_because
from image
left join current_photometry as photometry using (image_id)
left join current_image_hash as image_hash using (image_id)
left join (
    select key, string_agg(filter || ': ' || reason, '; ' order by filter) as reasons
    from rejected where noun = 'image' group by key
) as reason on reason.key = image.image_id;
