-- Photographs in each of $bins equal bins of what the screening operators measured, other than photometry, and how many
-- of them the filter of that name rejects; with the filter's cut, null where it is not in force. What is 0 for most
-- pictures (bars, blocks, seams, text) is counted where it is more.
-- $bins = 40  bins of each property
with lettered as (
    select image_id, least(1, sum(("right" - "left") * (bottom - top))) as share from current_text_box group by image_id
),
value as (
    select image_id, unnest([{'filter': 'border', 'property': 'widest bar', 'value': nullif(greatest("left", top, "right", bottom), 0), 'parameter': 'bar'}]) as measure from current_border
    union all
    select image_id, unnest([
        {'filter': 'mosaic', 'property': 'pixelated share', 'value': nullif(pixelated, 0), 'parameter': 'pixelated'},
        {'filter': 'mosaic', 'property': 'masked share', 'value': nullif(masked, 0), 'parameter': 'masked'}
    ]) from current_mosaic
    union all
    select image_id, {'filter': 'collage', 'property': 'clearness of seams', 'value': nullif(seam, 0), 'parameter': 'seam'} from current_collage
    union all
    select image_id, {'filter': 'screenshot', 'property': 'drawn', 'value': nullif(score, 0), 'parameter': 'score'} from current_screenshot
    union all
    select image_id, {'filter': 'text_overlay', 'property': 'share under text', 'value': share, 'parameter': 'share'} from lettered
    union all
    select image_id, {'filter': 'watermark', 'property': 'repetition', 'value': nullif(repetition, 0), 'parameter': 'repetition'} from current_watermark
    union all
    select image_id, {'filter': 'quality', 'property': 'BRISQUE', 'value': brisque, 'parameter': 'poor'} from current_quality
    union all
    select image_id, {'filter': 'aesthetics', 'property': 'appeal', 'value': score, 'parameter': 'least'} from current_aesthetics
    union all
    select image_id, unnest([
        {'filter': 'turned', 'property': 'sureness of a quarter turn', 'value': if(turn = 0, null, turn_confidence), 'parameter': 'turn'},
        {'filter': 'turned', 'property': 'sureness of a tilt', 'value': nullif(tilt_confidence, 0), 'parameter': 'tilt'}
    ]) from current_orientation
    union all
    select image_id, unnest([
        {'filter': 'generated_statistics', 'property': 'spectrum peaks', 'value': peaks, 'parameter': 'periodic'},
        {'filter': 'generated_statistics', 'property': 'spectrum slope', 'value': slope, 'parameter': 'steep'}
    ]) from current_spectrum
),
long as (
    select value.image_id as image_id, measure.filter as filter, measure.property as property,
        measure.value as value, measure.parameter as parameter
    from value semi join photo using (image_id) where measure.value is not null
),
extent as (
    select property, min(value) as lowest, greatest(max(value) - min(value), 1e-9) as width from long group by property
),
cut as (
    select filter, arg_max(parameters, evaluated_at) as parameters from evaluation
    where filter in (select unnest(filters) from (select filters from run where len(filters) > 0 order by started_at desc limit 1))
    group by filter
)
select long.filter as filter, long.property as property, lowest as lowest, lowest + width as highest,
    least($bins - 1, floor((value - lowest) / width * $bins))::integer as bin, count(*) as images,
    count(rejected.key) as rejected, any_value(try_cast(json_extract_string(cut.parameters, '$.' || long.parameter) as double)) as cut
from long
join extent using (property)
left join cut on cut.filter = long.filter
left join rejected on rejected.noun = 'image' and rejected.filter = long.filter and rejected.key = long.image_id
group by long.filter, long.property, lowest, width, bin
order by filter, property, bin;
