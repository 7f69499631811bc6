-- Pairs with the blobs of both sides.
create or replace view pair_images as
select pair.pair_id as pair_id, pair.source_id as source_id, pair.target_id as target_id, pair.task as task,
    pair.subtask as subtask, pair.strategy as strategy, pair.maker as maker, pair.parameters as parameters,
    pair.seed as seed, pair.parent_id as parent_id, pair.photo_id as photo_id, source.sha256 as source_sha256,
    target.sha256 as target_sha256
from pair
join image as source on source.image_id = pair.source_id
join image as target on target.image_id = pair.target_id;
