-- Pairs whose target shows another picture than the source, which no instruction explains (Sec. 2.2.1 level 3).
-- $psnr = 18.0      dB, below which two pictures may be unrelated
-- $ssim = 0.6       SSIM below which they may be
-- $copy = 0.25      cosine of the copy-detection descriptors below which they may be
-- $semantic = 0.4   cosine of the embeddings in CLIP's role below which they may be
-- $bits = 18        distance of the perceptual hashes from which on no layout is left, of 64
-- $free_tasks = stylize,viewpoint  tasks that may redraw or turn every pixel, between commas
-- $free_copy = 0.05  cosine of the copy-detection descriptors for these tasks
select pair_id as key,
    format('psnr {:.1f} dB ({:.1f}), ssim {:.3f} ({:.3f}), copy {:.3f} ({:.3f}), semantic {:.3f} ({:.3f}), {} bits of layout ({})',
        psnr, $psnr, ssim, $ssim, copy, unlike, semantic, $semantic, bits, $bits) as reason
from pair_verdict(
    other_psnr := $psnr, other_ssim := $ssim, other_copy := $copy, other_semantic := $semantic, other_bits := $bits,
    free_tasks := $free_tasks, free_copy := $free_copy
)
where verdict = 'too much changed';
