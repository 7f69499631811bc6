-- Photographs in clusters of near duplicates of at least two, by the rule that was used last; `rule` is its JSON.
create or replace view current_cluster as
with latest as (
    select image_id, arg_max(cluster_id, assigned_at) as cluster_id, any_value(rule) as rule
    from cluster_member
    where rule = (select arg_max(settings, used_at) from operator where name = 'clusters')
    group by image_id
)
select latest.image_id as image_id, latest.cluster_id as cluster_id, latest.rule as rule
from latest semi join photo using (image_id)
qualify count(*) over (partition by cluster_id) > 1;
