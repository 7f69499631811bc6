-- How much the catalog holds, in one row.
select
    (select count(*) from file) as files,
    (select count(*) from image where origin = 'photo' and image_id not in (select image_id from corrected)) as photographs,
    (select count(*) from kept_photo) as kept_photographs,
    (select count(*) from ingested) - (select count(distinct image_id) from ingested) as duplicate_files,
    (select count(*) from image where origin <> 'photo') as made_images,
    (select coalesce(sum(bytes), 0)::bigint from image) as bytes,
    (select count(*) from pair) as pairs,
    (select count(*) from kept_pair) as kept_pairs,
    (select count(*) from text) as texts,
    (select count(distinct phrase_id) from text) as phrases,
    (select count(*) from failure) as failures;
