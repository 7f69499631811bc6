-- Pairs whose source or target is not in the catalog.
select pair_id as key, source_id, target_id from pair
where source_id not in (select image_id from image) or target_id not in (select image_id from image);
