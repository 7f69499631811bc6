-- Photographs that seams divide into several pictures: collages, grids, before and after.
-- $panels = 2      pictures that make a collage
-- $seam = 0.5      clearness of the seam through the whole picture, 0 to 1
select image_id as key,
    format('{} panels, {} allowed; seam {:.2f}, cut at {:.2f}', panels, $panels - 1, seam, $seam) as reason
from current_collage
where panels >= $panels and seam >= $seam;
