-- Where the filter photometric cuts each property: at quantiles of the photographs at hand, not at constants
-- (Sec. 2.2.2), and only beyond so many robust deviations (1.4826 times the median absolute deviation) from the
-- median, so that a narrow and healthy distribution loses nothing to its own quantiles.
create or replace macro photometric_cut(low_quantile, high_quantile, spread) as table
with shape as (
    select property, median(value) as middle, 1.4826 * mad(value) as deviation,
        quantile_cont(value, low_quantile) as low_value, quantile_cont(value, high_quantile) as high_value,
        min(value) as lowest, max(value) as highest, count(*) as photographs
    from photometric_value group by property
)
select property, photographs, middle, lowest, highest, least(low_value, middle - spread * deviation) as low,
    greatest(high_value, middle + spread * deviation) as high
from shape;
