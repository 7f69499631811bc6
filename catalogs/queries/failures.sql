-- Rows that operators could not do, by operator and reason.
select operator, error, count(*) as rows, min(key) as example
from failure group by all order by rows desc, operator, error;
