-- Pairs whose target is the source over again.
-- $psnr = 45.0         dB, at and above which two pictures are the same
-- $changed_area = 0.001  share of pixels that must differ
select pair_id as key,
    case when psnr >= $psnr then format('psnr {:.1f} dB, {:.1f} allowed', psnr, $psnr)
        else format('changed area {:.4f} below {:.4f}', changed_area, $changed_area) end as reason
from current_pixel_score
where psnr >= $psnr or changed_area < $changed_area;
