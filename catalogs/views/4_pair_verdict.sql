-- One verdict on each pair from all its similarities (Sec. 2.2.1 levels 2 and 3), or none for a good one. The verdicts
-- exclude each other: 'nothing changed' (both embeddings and the pixels say that the target is the source),
-- 'template clone' (all four metrics say near copy, and what changed is too faint or too small to be seen) and
-- 'too much changed' (all four say unrelated, and not even the layout is left, so no instruction explains the target).
-- Tasks in `free_tasks` may redraw or turn every pixel; there even the copy descriptor must find nothing in common.
-- What is small but strong, an eye that winks or a balloon far away, is seen all the same.
-- `impact` is the changed area times the mean change there; `bits` is the distance of the perceptual hashes.
create or replace macro pair_verdict(
    same_psnr := 38.0, same_ssim := 0.95, same_area := 0.001, same_features := 0.985, same_semantic := 0.985,
    clone_psnr := 29.0, clone_ssim := 0.9, clone_copy := 0.94, clone_semantic := 0.8, clone_impact := 0.002,
    clone_area := 0.0012, clone_change := 0.12,
    other_psnr := 18.0, other_ssim := 0.6, other_copy := 0.25, other_semantic := 0.4, other_bits := 18,
    free_tasks := 'stylize,viewpoint', free_copy := 0.05
) as table
with measured as (
    select similarity.*, changed_area * change as impact, bit_count(xor(source_phash, target_phash)) as bits,
        if(list_contains(string_split(free_tasks, ','), pair.task), free_copy, other_copy) as unlike
    from current_pair_similarity as similarity left join pair using (pair_id)
)
select pair_id, features, semantic, copy, psnr, ssim, changed_area, change, impact, bits, unlike,
    case
        when psnr >= same_psnr and ssim >= same_ssim and changed_area < same_area and features >= same_features
            and semantic >= same_semantic then 'nothing changed'
        when psnr >= clone_psnr and ssim >= clone_ssim and copy >= clone_copy and semantic >= clone_semantic
            and impact < clone_impact and (changed_area < clone_area or change < clone_change) then 'template clone'
        when psnr < other_psnr and ssim < other_ssim and copy < unlike and semantic < other_semantic
            and bits >= other_bits then 'too much changed'
    end as verdict
from measured;
