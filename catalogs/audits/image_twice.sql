-- Rows of image that are stored more than once.
select image_id as key, count(*) as times from image group by all having times > 1;
