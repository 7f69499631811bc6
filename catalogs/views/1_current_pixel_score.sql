-- Each pair_id's rows in pixel_score by the operator that was used last.
create or replace view current_pixel_score as
select made.* exclude (operator_id)
from pixel_score as made join last_use using (operator_id)
qualify last_use.used_at = max(last_use.used_at) over (partition by made.pair_id);
