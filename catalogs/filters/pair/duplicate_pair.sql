-- Pairs that are another pair over again: sources and targets are the same pictures, whatever file they came in.
-- Of a group the pair with the better pixel score is kept, then the one with the smaller id.
-- $psnr = 36.0  dB between the sources and between the targets, both small
-- $ssim = 0.98  least SSIM of the same
with judged as (
    select pair.pair_id as pair_id, coalesce(least(score.followed, score.kept), 0) as score
    from pair left join current_pixel_score as score using (pair_id)
),
likeness as (
    select pair_id, other_id, least(source_psnr, target_psnr) as psnr, least(source_ssim, target_ssim) as ssim
    from current_twin_score
),
same as (select * from likeness where psnr >= $psnr and ssim >= $ssim),
edge as (
    select pair_id, other_id, psnr, ssim from same
    union all
    select other_id, pair_id, psnr, ssim from same
)
select edge.pair_id as key,
    format('pair {} again: psnr {:.1f} dB ({:.1f}), ssim {:.3f} ({:.3f})', arg_max(edge.other_id, (other.score, -other.pair_id)),
        arg_max(edge.psnr, (other.score, -other.pair_id)), $psnr, arg_max(edge.ssim, (other.score, -other.pair_id)), $ssim) as reason
from edge
join judged as mine using (pair_id)
join judged as other on other.pair_id = edge.other_id
where (other.score, -other.pair_id) > (mine.score, -mine.pair_id)
group by edge.pair_id;
