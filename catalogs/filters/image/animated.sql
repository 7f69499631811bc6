-- Photographs that come from a file of more than $frames pictures, of which only the first came in.
-- $frames = 1  pictures in a file
select image_id as key, format('{} of {} pictures, {} allowed', any_value(format), max(frames), $frames) as reason
from current_header join ingested using (file_id) semi join photo using (image_id)
where frames > $frames
group by image_id;
