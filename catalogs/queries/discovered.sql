-- Edit targets that models proposed, by origin and kind; the boxes of 'vlm_unplaced' were impossible and are lost.
select origin as origin, kind as kind, count(*) as targets, count("left") as placed,
    count(distinct image_id) as photographs
from current_edit_target group by origin, kind order by origin, targets desc, kind;
