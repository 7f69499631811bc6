-- Each image_id's rows in text_box by the operator that was used last.
create or replace view current_text_box as
select made.* exclude (operator_id)
from text_box as made join last_use using (operator_id)
qualify last_use.used_at = max(last_use.used_at) over (partition by made.image_id);
