-- How quality decays where pairs are made of pairs: by the number of edits that led to the target, the pairs, those
-- accepted, and the means of their scores and of the quality of their targets (BRISQUE, less is better).
select coalesce(request.depth, 0) + 1 as depth, count(*) as pairs, count(kept_pair.pair_id) as accepted,
    avg(score.followed) as followed, avg(score.kept) as kept, avg(score.psnr) as psnr, avg(quality.brisque) as brisque
from produced
join pair on pair.pair_id = produced.pair_id
left join request on request.request_id = produced.request_id
left join kept_pair on kept_pair.pair_id = pair.pair_id
left join current_pixel_score as score on score.pair_id = pair.pair_id
left join current_quality as quality on quality.image_id = pair.target_id
group by all order by depth;
