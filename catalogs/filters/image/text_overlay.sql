-- Photographs of which lines of text cover more than $share: overlays, banners, pages.
-- $share = 0.2  share of the picture's area, 0 to 1
select image_id as key,
    format('{} lines of text cover {:.2f} of the picture, {:.2f} allowed', count(*), sum(area), $share) as reason
from (select image_id, ("right" - "left") * (bottom - top) as area from current_text_box)
group by image_id having sum(area) > $share;
