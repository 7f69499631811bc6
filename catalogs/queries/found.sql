-- Images and pairs that $wanted means: an id, the first six digits of a sha256 or more, or the path or name of a file;
-- with a photograph that was turned comes its corrected image.
-- $wanted = ''  what a person typed
with meant as (
    select 'image' as noun, image_id as key from image
    where image_id = try_cast($wanted as bigint) or (length($wanted) >= 6 and starts_with(sha256, lower($wanted)))
    union
    select 'pair' as noun, pair_id as key from pair where pair_id = try_cast($wanted as bigint)
    union
    select 'image' as noun, ingested.image_id as key from current_ingested as ingested join file using (file_id)
    where file.file_id = try_cast($wanted as bigint) or file.path = $wanted or parse_filename(file.path) = $wanted
    union
    select 'file' as noun, file_id as key from file
    where (file.path = $wanted or parse_filename(file.path) = $wanted or file_id = try_cast($wanted as bigint))
        and not exists (select 1 from current_ingested as ingested where ingested.file_id = file.file_id)
)
select noun, key from meant
union
select 'image' as noun, corrected.image_id as key from corrected join meant on noun = 'image' and key = parent_id
order by noun, key;
