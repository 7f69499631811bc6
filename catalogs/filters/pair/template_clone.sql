-- Pairs whose target differs from the source, but too little to be seen (Sec. 2.2.1 level 3).
-- $psnr = 29.0      dB, at and above which two pictures are near copies
-- $ssim = 0.9       least SSIM
-- $copy = 0.94      least cosine of the copy-detection descriptors
-- $semantic = 0.8   least cosine of the embeddings in CLIP's role
-- $impact = 0.002   changed area times mean change that an edit must have, 0 to 1
-- $area = 0.0012    changed area of a small edit that is seen all the same, where it changes by $change
-- $change = 0.12    mean change of the changed pixels of such an edit, 0 to 1
select pair_id as key,
    format('impact {:.4f} ({:.4f}), psnr {:.1f} dB ({:.1f}), ssim {:.3f} ({:.3f}), copy {:.3f} ({:.3f}), semantic {:.3f} ({:.3f})',
        impact, $impact, psnr, $psnr, ssim, $ssim, copy, $copy, semantic, $semantic) as reason
from pair_verdict(
    clone_psnr := $psnr, clone_ssim := $ssim, clone_copy := $copy, clone_semantic := $semantic,
    clone_impact := $impact, clone_area := $area, clone_change := $change
)
where verdict = 'template clone';
