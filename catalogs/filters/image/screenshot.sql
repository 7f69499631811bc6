-- Pictures that look drawn by a user interface: flat areas and exact straight edges.
-- $score = 0.5    how much they look drawn, 0 to 1
select image_id as key,
    format('drawn: score {:.2f}, {:.2f} allowed; {:.2f} of the pixels flat, exact edges of {:.1f} sides', score, $score, flat, lines) as reason
from current_screenshot
where score > $score;
