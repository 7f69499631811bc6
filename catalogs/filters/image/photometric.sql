-- Photographs outside the plausible range of brightness, saturation, entropy, texture or sharpness.
-- $low = 0.01    lower quantile
-- $high = 0.99   upper quantile
-- $spread = 2.5  robust deviations from the median that a value must also differ by
-- $least = 30    photographs that a distribution takes; of fewer none is cut
select image_id as key,
    string_agg(
        case when value < low then format('{} {:.3f} below {:.3f}', property, value, low)
            else format('{} {:.3f} above {:.3f}', property, value, high) end,
        '; ' order by property
    ) as reason
from photometric_value join photometric_cut($low, $high, $spread) using (property)
where photographs >= $least and (value < low or value > high)
group by image_id;
