-- Photographs whose pixels show $needed points of what generated pictures tend to show: traces of upsampling and a steep spectrum
-- count two points each, too little noise and light that is too even one each. Weak evidence: whatever was enlarged, shrunk
-- by a simple factor or smoothed looks the same, and a good generator, or a JPEG after it, leaves nothing to find.
-- $periodic = 3    height of periodic peaks over their surroundings
-- $steep = -5.2    slope of the log power spectrum, -4.5 to -1.5 in most photographs
-- $smooth = 0.05   noise in calm parts, grey levels
-- $even = 0.9      evenness of the light, 0 to 1
-- $needed = 2      points
with sign as (
    select image_id, 2 as points, format('peaks {:.1f} above {}', peaks, $periodic) as said from current_spectrum where peaks > $periodic
    union all
    select image_id, 2, format('slope {:.2f} below {}', slope, $steep) from current_spectrum where slope < $steep
    union all
    select image_id, 1, format('noise {:.3f} below {}', residual, $smooth) from current_spectrum where residual < $smooth
    union all
    select image_id, 1, format('light {:.2f} above {}', light, $even) from current_spectrum where light > $even
)
select image_id as key, format('{} of {} points: {}', sum(points), $needed, string_agg(said, ', ' order by points desc, said)) as reason
from sign group by image_id having sum(points) >= $needed;
