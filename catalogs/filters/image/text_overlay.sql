-- Photographs of which lines of text cover more than $share: overlays, banners, pages. Shorter lines than
-- $characters are not counted: a hammer is read as a T that fills the picture.
-- $share = 0.2       share of the picture's area, 0 to 1
-- $characters = 2    characters that a line must have
select image_id as key,
    format('text covers {:.2f} of the picture in {} line{}, {:.2f} allowed', sum(area), count(*),
        case when count(*) = 1 then '' else 's' end, $share) as reason
from (
    select image_id, ("right" - "left") * (bottom - top) as area
    from current_text_box where length(text) >= $characters
)
group by image_id having sum(area) > $share;
