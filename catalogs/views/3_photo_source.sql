-- Where each photograph comes from: the source of its first file, or of the photograph that it corrects.
create or replace view photo_source as
with first as (
    select ingested.image_id as image_id, arg_min(file.source, file.file_id) as source
    from current_ingested as ingested join file using (file_id) group by ingested.image_id
)
select photo.image_id as image_id, coalesce(own.source, parent.source, '') as source
from photo
left join first as own on own.image_id = photo.image_id
left join corrected on corrected.image_id = photo.image_id
left join first as parent on parent.image_id = corrected.parent_id;
