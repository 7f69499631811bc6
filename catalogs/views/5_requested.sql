-- Requests whose photograph no filter rejects, with the blob of their source.
create or replace view requested as
select request.request_id as request_id, request.photo_id as photo_id, request.source_id as source_id,
    source.sha256 as source_sha256, photo.licence as licence, request.parent_id as parent_id,
    request.strategy as strategy, request.maker as maker, request.maker_version as maker_version,
    request.wish as wish, request.seed as seed, request.step as step, request.depth as depth
from request
join kept_photo as photo on photo.image_id = request.photo_id
join image as source on source.image_id = request.source_id;
