-- Photographs that come from a file of an unusual colour mode, such as CMYK or 16 bits, whose colours may have shifted.
-- $usual = ['RGB','RGBA','L','LA','P']  modes that are taken
select image_id as key, format('mode {} of a {}, which is not among {}', any_value(header.mode), any_value(header.format),
    array_to_string($usual::varchar[], ', ')) as reason
from current_header as header join ingested using (file_id) semi join photo using (image_id)
where not list_contains($usual::varchar[], header.mode)
group by image_id;
