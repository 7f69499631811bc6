-- Images that came from several files, with the files.
select ingested.image_id as image_id, count(distinct file.path) as files, list(distinct file.path order by file.path) as paths
from ingested join file using (file_id)
group by all having files > 1 order by files desc, image_id;
