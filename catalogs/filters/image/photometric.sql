-- Photographs outside the plausible range of brightness, saturation, entropy, texture, sharpness, focus, highlights,
-- contrast or noise, for their source and kind.
-- $brightness = 5  robust deviations from the median, of brightness
-- $tone = 4.5       the same, of highlights, contrast and sharpness
-- $focus = 2.8      the same, of focus
-- $entropy = 10     the same, of the entropy of the colours
-- $texture = 5      the same, of texture
-- $saturation = 5   the same, of saturation
-- $noise = 5         the same, of the noise in calm parts
-- $most = 0.1       share of the photographs that no side of a property loses more than
-- $least = 100      photographs that a source's or a kind's own distribution takes; of fewer, all count together
-- $few = 30         photographs that any distribution takes; of fewer none is cut
select image_id as key,
    string_agg(
        case when place < low
            then format('{} {:.3g} below {:.3g}', property, value, photometric_natural(property, low))
            else format('{} {:.3g} above {:.3g}', property, value, photometric_natural(property, high)) end,
        '; ' order by property
    ) as reason
from photometric_value
join photometric_cut($most, $brightness, $tone, $focus, $entropy, $texture, $saturation, $noise, $least, $few) as cut using (property, source, kind)
where place < low or place > high
group by image_id;
