-- Kept pairs whose target may be edited again, with what was known of the photograph they go back to.
create or replace view next_scene as
select pair.pair_id as pair_id, target.image_id as image_id, target.sha256 as sha256, target.width as width,
    target.height as height, target.licence as licence, scene.masks as masks, scene.objects as objects,
    scene.texts as texts, scene.faces as faces, scene.poses as poses, scene.targets as targets,
    scene.others as others, pair.photo_id as photo_id, pair.parameters as parameters,
    coalesce(request.depth, 0) + 1 as depth
from kept_pair as pair
join image as target on target.image_id = pair.target_id
join scene on scene.image_id = pair.photo_id
left join produced on produced.pair_id = pair.pair_id
left join request on request.request_id = produced.request_id
where pair.strategy in ('template', 'expert', 'control') and coalesce(len(pair.reference_ids), 0) = 0;
