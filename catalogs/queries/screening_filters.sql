-- The filters of images that the latest run with filters used.
select distinct filter as name
from (select unnest(filters) as filter from (select filters from run where len(filters) > 0 order by started_at desc limit 1))
where filter in (select filter from evaluation where noun = 'image')
order by name;
