-- Pairs whose pixels do not show what the instruction asks, or show more than it asks.
-- $followed = 0.7  lowest score for doing what was asked, 0 to 1; half the asked amount scores 0.5
-- $kept = 0.5      lowest score for keeping the rest, 0 to 1
select pair_id as key,
    case when followed < $followed
        then format('{}: asked {:.3g}, measured {:.3g}, score {:.2f} below {:.2f}', property, asked, measured, followed, $followed)
        else format('kept {:.2f} below {:.2f}', kept, $kept) end as reason
from current_pixel_score
where followed < $followed or kept < $kept;
