-- Photographs that the filter turned rejects and no other filter, not corrected yet, with what that takes by the
-- confidences that the filter was last given.
create or replace view turned_photo as
with cut as (
    select arg_max(parameters, evaluated_at) as parameters from evaluation where filter = 'turned'
),
verdict as (
    select key as image_id from rejected where noun = 'image' group by key having max(filter) = 'turned' and min(filter) = 'turned'
)
select image.image_id as image_id, image.sha256 as sha256, image.licence as licence, turn, tilt
from image join verdict using (image_id)
join correction(
    (select (parameters ->> 'turn')::double from cut), (select (parameters ->> 'tilt')::double from cut),
    (select (parameters ->> 'least')::double from cut)
) using (image_id)
where (turn <> 0 or tilt <> 0) and image.image_id not in (select parent_id from corrected);
