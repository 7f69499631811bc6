-- Photographs whose proxy of appeal is under $least: it is not trained on ratings, and low for things on white or black ground
-- and for pictures without colour, so it is for a last few in a hundred and for distributions.
-- $least = 0.5  mean of composition, harmony and light, 0 to 1
select image_id as key,
    format('appeal {:.2f} (composition {:.2f}, harmony {:.2f}, light {:.2f}), {} needed', score, composition, harmony, light, $least)
    as reason
from current_aesthetics where score < $least;
