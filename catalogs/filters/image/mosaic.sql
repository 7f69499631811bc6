-- Photographs with pixelated regions, or with plain or blurred boxes laid over them.
-- $pixelated = 0.004    share of the picture's area under blocks, 0 to 1
-- $masked = 0.01        share of the area under boxes, 0 to 1
select image_id as key,
    concat_ws('; ',
        case when pixelated > $pixelated
            then format('pixelated {:.3f} of the picture in blocks of {:.1f} pixels, {:.3f} allowed', pixelated, block, $pixelated) end,
        case when masked > $masked
            then format('boxes over {:.3f} of the picture, {:.3f} allowed', masked, $masked) end
    ) as reason
from current_mosaic
where pixelated > $pixelated or masked > $masked;
