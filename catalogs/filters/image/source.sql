-- Photographs of which no file comes from a source that $allowed begins and $denied does not: 'embedded:' allows all packages.
-- An empty text in $allowed allows all sources.
-- $allowed = ['']  beginnings of sources (folders, packages)
-- $denied = []     beginnings of sources that are not taken, though allowed
select image_id as key, format('source {}, which is not allowed', string_agg(distinct source, ' and ' order by source)) as reason
from photo join ingested using (image_id) join file using (file_id)
group by image_id
having not bool_or(
    coalesce(list_bool_or([starts_with(source, start) for start in $allowed::varchar[]]), false)
    and not coalesce(list_bool_or([starts_with(source, start) for start in $denied::varchar[]]), false)
);
