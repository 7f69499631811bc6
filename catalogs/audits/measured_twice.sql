-- Files, images, neighbours or pairs that one operator measured more than once.
select 'photometry' as relation, image_id as key, count(*) as times from photometry group by operator_id, image_id having times > 1
union all
select 'image_hash', image_id, count(*) as times from image_hash group by operator_id, image_id having times > 1
union all
select 'border', image_id, count(*) as times from border group by operator_id, image_id having times > 1
union all
select 'mosaic', image_id, count(*) as times from mosaic group by operator_id, image_id having times > 1
union all
select 'collage', image_id, count(*) as times from collage group by operator_id, image_id having times > 1
union all
select 'screenshot', image_id, count(*) as times from screenshot group by operator_id, image_id having times > 1
union all
select 'watermark', image_id, count(*) as times from watermark group by operator_id, image_id having times > 1
union all
select 'orientation', image_id, count(*) as times from orientation group by operator_id, image_id having times > 1
union all
select 'quality', image_id, count(*) as times from quality group by operator_id, image_id having times > 1
union all
select 'aesthetics', image_id, count(*) as times from aesthetics group by operator_id, image_id having times > 1
union all
select 'spectrum', image_id, count(*) as times from spectrum group by operator_id, image_id having times > 1
union all
select 'header', file_id, count(*) as times from header group by operator_id, file_id having times > 1
union all
select 'ingested', file_id, count(*) as times from ingested group by operator_id, file_id having times > 1
union all
select 'pixel_score', pair_id, count(*) as times from pixel_score group by operator_id, pair_id having times > 1
union all
select 'pair_similarity', pair_id, count(*) as times from pair_similarity group by operator_id, pair_id having times > 1
union all
select 'neighbour_score', neighbour_id, count(*) as times from neighbour_score group by operator_id, neighbour_id having times > 1
union all
select 'twin_score', twin_id, count(*) as times from twin_score group by operator_id, twin_id having times > 1;
