-- Pairs in each of $bins equal bins of the two pixel scores, 0 to 1, and how many of them fall below the
-- cuts of the filter not_followed.
-- $followed = 0.5  lowest score for doing what was asked, as in the filter
-- $kept = 0.5      lowest score for keeping the rest
-- $bins = 40       bins of each score
with scored as (select pair_id, followed, kept from current_pixel_score),
long as (unpivot scored on followed, kept into name property value value),
cut as (select *, case property when 'followed' then $followed else $kept end as low from long)
select property as property, least($bins - 1, floor(value * $bins))::integer as bin, count(*) as pairs,
    count(*) filter (value < low) as rejected, any_value(low) as low
from cut group by all order by property, bin;
