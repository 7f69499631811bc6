-- Photographs of which lines of text cover more than $share: captions, subtitles, banners, pages. Lines that stand
-- out from their ground by less than $contrast are signs in the scene or watermarks and are not counted, nor are
-- lines of fewer than $characters: a hammer is read as a T that fills the picture.
-- $share = 0.03      share of the picture's area, 0 to 1
-- $contrast = 0.1    luma between the strokes and their ground that a line must have, 0 to 1
-- $opacity = 0.0     evenness of the strokes' colour that a line must have, 0 to 1
-- $characters = 2    characters that a line must have
select image_id as key,
    format('text covers {:.3f} of the picture in {} line{} (contrast {:.2f}, opacity {:.2f}), {:.3f} allowed',
        sum(area), count(*), case when count(*) = 1 then '' else 's' end, avg(contrast), avg(opacity), $share) as reason
from (
    select image_id, contrast, opacity, ("right" - "left") * (bottom - top) as area
    from current_text_box
    where length(text) >= $characters and contrast >= $contrast and opacity >= $opacity
)
group by image_id having sum(area) > $share;
