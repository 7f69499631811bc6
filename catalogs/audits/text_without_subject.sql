-- Texts of an image or pair that is not in the catalog.
select text_id as key, subject_id from text
where subject_id not in (select image_id from image) and subject_id not in (select pair_id from pair);
