-- Files that could not be taken in, with the reason.
select file.path as path, failure.error as error
from failure join file on file.file_id = failure.key
where failure.operator = 'ingest'
order by path;
