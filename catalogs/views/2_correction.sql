-- What would make each photograph upright and level: a quarter turn that is surer than turn_sure and a tilt of at
-- least least_tilt degrees that is surer than tilt_sure, 0 where there is nothing to do; corrected images are left out.
create or replace macro correction(turn_sure, tilt_sure, least_tilt) as table
select image_id, evidence, turn_confidence, tilt_confidence,
    case when turn_confidence >= turn_sure then turn else 0 end as turn,
    case when tilt_confidence >= tilt_sure and abs(tilt) >= least_tilt then tilt else 0 end as tilt
from current_orientation
where image_id not in (select image_id from corrected);
