-- Photographs whose licence begins with none of $allowed: 'CC-BY-4' allows CC-BY-4.0, 'CC-BY-' allows CC-BY-NC-4.0 as well.
-- Upper and lower case are the same. An empty text allows all; an empty list allows none.
-- $allowed = ['']  beginnings of licences
select image_id as key, format('licence {}, which is not allowed', case when licence = '' then 'not stated' else licence end) as reason
from photo
where not list_bool_or([starts_with(lower(licence), lower(start)) for start in $allowed::varchar[]]) is true;
