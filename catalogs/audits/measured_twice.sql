-- Images or pairs that one operator measured more than once.
select 'photometry' as relation, image_id as key, count(*) as times from photometry group by operator_id, image_id having times > 1
union all
select 'image_hash', image_id, count(*) as times from image_hash group by operator_id, image_id having times > 1
union all
select 'pixel_score', pair_id, count(*) as times from pixel_score group by operator_id, pair_id having times > 1
union all
select 'ingested', file_id, count(*) as times from ingested group by operator_id, file_id having times > 1;
