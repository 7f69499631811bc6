-- Photographs outside the plausible range of brightness, saturation, entropy, texture or sharpness.
-- The cuts are quantiles of the photographs at hand, not constants (Sec. 2.2.2). A value is cut only
-- when it also lies more than $spread robust deviations from the median, so that a narrow and healthy
-- distribution loses nothing to its own quantiles.
-- $low = 0.01    lower quantile
-- $high = 0.99   upper quantile
-- $spread = 2.5  robust deviations (1.4826 times the median absolute deviation)
with measured as (
    select photometry.image_id as image_id, brightness, saturation, rgb_entropy, texture,
        ln(1 + sharpness) as log_sharpness
    from current_photometry as photometry join image using (image_id) where image.origin = 'photo'
),
long as (unpivot measured on columns(* exclude image_id) into name property value value),
cut as (
    select property, median(value) as middle, 1.4826 * mad(value) as deviation,
        least(quantile_cont(value, $low), middle - $spread * deviation) as low,
        greatest(quantile_cont(value, $high), middle + $spread * deviation) as high
    from long group by property
)
select long.image_id as key,
    string_agg(
        case when value < low then format('{} {:.3f} below {:.3f}', property, value, low)
            else format('{} {:.3f} above {:.3f}', property, value, high) end,
        '; ' order by property
    ) as reason
from long join cut using (property)
where value < low or value > high
group by long.image_id;
