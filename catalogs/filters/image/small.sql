-- Photographs whose shorter side is under $side pixels or whose sides differ by more than $aspect times.
-- $side = 200    pixels
-- $aspect = 4.0  longer side over shorter side
select image_id as key,
    case when least(width, height) < $side
        then format('shorter side {} below {} pixels', least(width, height), $side)
        else format('aspect ratio {:.2f} above {:.2f}', greatest(width, height) / least(width, height), $aspect) end as reason
from image
where origin = 'photo'
    and (least(width, height) < $side or greatest(width, height) / least(width, height) > $aspect);
