-- How many rows each filter of the latest run rejects.
select noun, filter, count(*) as rejected from rejected group by all order by noun, rejected desc, filter;
