-- Images that no filter rejects.
create or replace view kept_image as
select * from image
where not exists (select 1 from rejected where noun = 'image' and key = image.image_id);
