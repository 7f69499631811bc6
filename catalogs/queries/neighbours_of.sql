-- Photographs that the search took for neighbours of $key, how it found them, how well their pixels agree, and
-- whether both are in one cluster.
-- $key = 0  image
with near as (
    select neighbour_id, if(image_id = $key, other_id, image_id) as image_id, method, distance
    from neighbour where $key in (image_id, other_id)
)
select near.image_id as neighbour, near.method as method, near.distance as distance,
    score.correlation as correlation, score.ssim as ssim, score.shared as shared,
    coalesce(mine.cluster_id = theirs.cluster_id, false) as same_cluster
from near
left join current_neighbour_score as score using (neighbour_id)
left join current_cluster as mine on mine.image_id = $key
left join current_cluster as theirs on theirs.image_id = near.image_id
order by near.distance, near.image_id;
