-- Pairs whose target is the source over again, by both embeddings and by the pixels (Sec. 2.2.1 levels 2 and 3).
-- $psnr = 38.0            dB, at and above which two pictures may be the same
-- $ssim = 0.95            least SSIM
-- $changed_area = 0.001   share of pixels that must change, 0 to 1
-- $features = 0.985       least cosine of the picture embeddings
-- $semantic = 0.985       least cosine of the embeddings in CLIP's role
select pair_id as key,
    format('psnr {:.1f} dB ({:.1f}), ssim {:.3f} ({:.3f}), changed area {:.4f} ({:.4f}), cosines {:.3f} ({:.3f}) and {:.3f} ({:.3f})',
        psnr, $psnr, ssim, $ssim, changed_area, $changed_area, features, $features, semantic, $semantic) as reason
from pair_verdict(
    same_psnr := $psnr, same_ssim := $ssim, same_area := $changed_area, same_features := $features,
    same_semantic := $semantic
)
where verdict = 'nothing changed';
