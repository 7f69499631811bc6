-- Photographs that lie on a side, stand on their heads or lean, and those that were corrected for it: the corrected
-- image takes their place, and is never corrected again. The step `correct` corrects what this filter rejects.
-- $turn = 0.95   confidence of a quarter turn, 0 to 1
-- $tilt = 0.7    confidence of a tilt, 0 to 1
-- $least = 2.0   degrees of tilt
with askew as (select * from correction($turn, $tilt, $least) where turn <> 0 or tilt <> 0),
child as (select parent_id as image_id, max(image_id) as child_id from corrected group by parent_id)
select image_id as key,
    concat_ws('; ',
        case when turn <> 0 then
            format('to be turned {} degrees clockwise (confidence {:.3f} of {} by {})', turn, turn_confidence, $turn, evidence) end,
        case when tilt <> 0 then
            format('to be leveled {:.1f} degrees {} (confidence {:.2f} of {} by straight lines)', abs(tilt),
                case when tilt > 0 then 'clockwise' else 'counter-clockwise' end, tilt_confidence, $tilt) end,
        case when child_id is null then 'not corrected yet' else format('corrected as image {}', child_id) end) as reason
from askew full join child using (image_id);
