-- Photographs in each of $bins equal bins of each photometric property, and how many of them the filter
-- photometric cuts with these parameters; the cuts are repeated on every row.
-- $low = 0.01    lower quantile, as in the filter
-- $high = 0.99   upper quantile
-- $spread = 2.5  robust deviations
-- $bins = 40     bins of each property
with measured as (
    select photometry.image_id as image_id, brightness, saturation, rgb_entropy, texture,
        ln(1 + sharpness) as log_sharpness
    from current_photometry as photometry join image using (image_id) where image.origin = 'photo'
),
long as (unpivot measured on columns(* exclude image_id) into name property value value),
cut as (
    select property, median(value) as middle, 1.4826 * mad(value) as deviation,
        least(quantile_cont(value, $low), middle - $spread * deviation) as low,
        greatest(quantile_cont(value, $high), middle + $spread * deviation) as high,
        min(value) as lowest, greatest(max(value) - min(value), 1e-9) as width
    from long group by property
)
select cut.property as property, cut.lowest as lowest, cut.lowest + cut.width as highest,
    least($bins - 1, floor((value - cut.lowest) / cut.width * $bins))::integer as bin,
    count(*) as images, count(*) filter (value < cut.low or value > cut.high) as rejected,
    cut.low as low, cut.middle as middle, cut.high as high
from long join cut using (property)
group by all order by property, bin;
