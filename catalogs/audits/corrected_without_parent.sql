-- Corrected images that are not in the catalog, whose parent is not, or whose parent was corrected itself.
select image_id as key, parent_id from corrected
where image_id not in (select image_id from image) or parent_id not in (select image_id from image)
    or parent_id in (select image_id from corrected);
