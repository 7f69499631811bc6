-- Pairs whose target is the source over again. Pictures of unequal size have changed, whatever their psnr column says.
-- $psnr = 45.0           dB, at and above which two pictures are the same
-- $changed_area = 0.001  share of pixels that must differ
select pair_id as key,
    case when changed_area < $changed_area then format('changed area {:.4f} below {:.4f}', changed_area, $changed_area)
        else format('psnr {:.1f} dB, {:.1f} allowed', psnr, $psnr) end as reason
from current_pixel_score
where changed_area < $changed_area or (psnr >= $psnr and changed_area < 1);
