-- Where the filter photometric cuts each property: not at constants but where the photographs at hand end
-- (Sec. 2.2.2), for each source and kind that has at least `least` of them, else for the kind, else for all,
-- where they are at least `few`.
-- A value is cut beyond so many robust deviations from the median (1.4826 times the median distance of the values on
-- that side, and at least 0.08, below which nobody sees a difference), and only where it also lies outside all but the share `most_cut` of the values on that side, so that a
-- narrow and healthy distribution is not cut to pieces. Deviations: `tone_spread` for highlights, contrast and sharpness,
-- and one each for brightness, focus, entropy, texture, saturation and noise. `low` and `high` are places, and null where
-- even all photographs are too few.
create or replace macro photometric_cut(most_cut, brightness_spread, tone_spread, focus_spread, entropy_spread, texture_spread, saturation_spread, noise_spread, least, few) as table
with vote as (
    -- Copies of one picture have one vote: a burst must not say what a photograph looks like.
    select each.* from photometric_value as each
    left join (select image_id, any_value(phash) as phash from current_image_hash group by image_id) using (image_id)
    qualify phash is null
        or row_number() over (partition by property, source, kind, phash order by image_id) = 1
),
centre as (
    select property, source, kind, median(place) as middle, count(*) as photographs
    from vote group by grouping sets ((property, source, kind), (property, kind), (property))
),
shape as (
    select centre.property as property, centre.source as source, centre.kind as kind, middle, photographs,
        greatest(0.08, 1.4826 * median(middle - place) filter (place <= middle)) as below,
        greatest(0.08, 1.4826 * median(place - middle) filter (place >= middle)) as above,
        quantile_cont(place, most_cut) as low_value, quantile_cont(place, 1 - most_cut) as high_value
    from centre
    join vote as each on each.property = centre.property
        and (centre.source is null or each.source = centre.source) and (centre.kind is null or each.kind = centre.kind)
    group by centre.property, centre.source, centre.kind, middle, photographs
),
spread as (
    select *, case property when 'brightness' then brightness_spread when 'focus' then focus_spread when 'rgb_entropy' then entropy_spread
        when 'texture' then texture_spread when 'saturation' then saturation_spread when 'noise' then noise_spread else tone_spread end as deviations
    from shape where photographs >= if(kind is null, few, least)
),
cut as (
    -- Nothing is too well in focus, and nothing too free of noise.
    select property, source, kind, photographs, middle,
        if(property = 'noise', -1e9, least(low_value, middle - deviations * below)) as low,
        if(property = 'focus', 1e9, greatest(high_value, middle + deviations * above)) as high
    from spread
),
wanted as (select distinct property, source, kind from photometric_value)
select wanted.property as property, wanted.source as source, wanted.kind as kind,
    coalesce(own.photographs, same_kind.photographs, every.photographs) as photographs,
    case when own.property is not null then 'source' when same_kind.property is not null then 'kind' else 'all' end as scope,
    coalesce(own.low, same_kind.low, every.low) as low, coalesce(own.middle, same_kind.middle, every.middle) as middle,
    coalesce(own.high, same_kind.high, every.high) as high
from wanted
left join cut as own on own.property = wanted.property and own.source = wanted.source and own.kind = wanted.kind
left join cut as same_kind on same_kind.property = wanted.property and same_kind.source is null and same_kind.kind = wanted.kind
left join cut as every on every.property = wanted.property and every.source is null and every.kind is null;
