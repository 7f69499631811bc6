-- Photographs in each of $bins equal bins of each photometric property's place, and how many of them the filter
-- photometric cuts with these parameters; the widest of the cuts for the sources and kinds are repeated on every row.
-- $brightness = 5  parameters of the filter
-- $tone = 4.5
-- $focus = 2.8
-- $entropy = 10
-- $texture = 5
-- $saturation = 5
-- $noise = 5
-- $most = 0.1
-- $least = 100
-- $few = 30
-- $bins = 40        bins of each property
with cut as (
    select * from photometric_cut($most, $brightness, $tone, $focus, $entropy, $texture, $saturation, $noise, $least, $few)
),
ends as (
    select property, min(low) as low, max(high) as high, any_value(middle) as middle from cut group by property
),
extent as (
    select property, min(place) as lowest, max(place) as highest, greatest(max(place) - min(place), 1e-9) as width
    from photometric_value group by property
)
select extent.property as property, lowest as lowest, lowest + width as highest,
    least($bins - 1, floor((place - lowest) / width * $bins))::integer as bin, count(*) as images,
    count(*) filter (place < cut.low or place > cut.high) as rejected,
    ends.low as low, ends.middle as middle, ends.high as high
from photometric_value as each
join extent using (property)
join ends using (property)
join cut on cut.property = each.property and cut.source = each.source and cut.kind = each.kind
group by all order by property, bin;
