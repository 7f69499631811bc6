-- Every pair with its score and why it was rejected (null: kept).
select pair.* exclude (operator_id), score.* exclude (pair_id), reason.reasons as rejected_because
from pair
left join current_pixel_score as score using (pair_id)
left join (
    select key, string_agg(filter || ': ' || reason, '; ' order by filter) as reasons
    from rejected where noun = 'pair' group by key
) as reason on reason.key = pair.pair_id;
