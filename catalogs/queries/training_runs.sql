-- Training runs whose edits were scored, the latest first.
select run_name as run_name, count(distinct pair_id) as pairs, max(rowid) as last_row
from edit_score group by run_name order by last_row desc;
