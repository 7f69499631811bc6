-- Photographs with a bar of one colour along an edge: letterbox, pillarbox, frame.
-- $bar = 0.01    width of the widest bar, share of the picture's side, 0 to 1
select image_id as key,
    format('{} bar {:.3f} of the side, {:.3f} allowed', side, width, $bar) as reason
from (
    select image_id, greatest("left", top, "right", bottom) as width,
        case greatest("left", top, "right", bottom)
            when "left" then 'left' when top then 'top' when "right" then 'right' else 'bottom' end as side
    from current_border
)
where width > $bar;
