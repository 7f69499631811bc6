-- Photographs in each of $bins equal bins of each photometric property, and how many of them the filter
-- photometric cuts with these parameters; the cuts are repeated on every row.
-- $low = 0.01    lower quantile, as in the filter
-- $high = 0.99   upper quantile
-- $spread = 2.5  robust deviations
-- $least = 30    photographs that a distribution takes
-- $bins = 40     bins of each property
with cut as (
    select *, greatest(highest - lowest, 1e-9) as width from photometric_cut($low, $high, $spread)
)
select cut.property as property, cut.lowest as lowest, cut.lowest + cut.width as highest,
    least($bins - 1, floor((value - cut.lowest) / cut.width * $bins))::integer as bin,
    count(*) as images, count(*) filter (cut.photographs >= $least and (value < cut.low or value > cut.high)) as rejected,
    cut.low as low, cut.middle as middle, cut.high as high
from photometric_value join cut using (property)
group by all order by property, bin;
