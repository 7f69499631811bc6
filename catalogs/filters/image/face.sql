-- Photographs with fewer faces than $least or more than $most, among those in which faces were looked for.
-- Where several turns of a picture were looked at, the one with the most faces counts.
-- $least = 0    faces
-- $most = 0     faces
-- $area = 0.0   share of the picture's area that a face must cover to be counted, 0 to 1
with looked as (
    select ledger.key as image_id, operator_id from ledger join last_use using (operator_id)
    where last_use.name = 'faces' and ledger.error is null
    qualify last_use.used_at = max(last_use.used_at) over (partition by ledger.key)
),
-- A picture without faces has no row in current_face; one that an older operator found would still be there.
counted as (
    select looked.image_id as image_id, face.turn as turn,
        count(*) filter (where (face."right" - face."left") * (face.bottom - face.top) >= $area) as faces
    from looked left join face using (image_id, operator_id)
    group by all
)
select image_id as key,
    case when max(faces) < $least then format('{} faces, at least {} asked', max(faces), $least)
        else format('{} faces, {} allowed', max(faces), $most) end as reason
from counted
group by image_id having max(faces) not between $least and $most;
