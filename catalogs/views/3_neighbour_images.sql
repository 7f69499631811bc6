-- Neighbours with the blobs of both photographs.
create or replace view neighbour_images as
select neighbour.neighbour_id as neighbour_id, neighbour.image_id as image_id, neighbour.other_id as other_id,
    neighbour.method as method, neighbour.distance as distance, image.sha256 as sha256,
    other.sha256 as other_sha256
from neighbour
join image on image.image_id = neighbour.image_id
join image as other on other.image_id = neighbour.other_id;
