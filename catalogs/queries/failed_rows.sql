-- Rows that operators could not do, by operator and reason, with the name of a file where the row is one.
select failure.operator as operator, failure.error as error, count(*) as rows,
    min(parse_filename(file.path)) as example
from failure left join file on file.file_id = failure.key
group by all order by rows desc, operator, error;
