-- Pairs to look at with their pictures, scores, verdict and texts: $pairs of them, taken in turn from every
-- task, strategy and verdict, and within these from every subtask.
-- $pairs = 400  how many
with verdict as (
    select key as pair_id, string_agg(filter || ': ' || reason, '; ' order by filter) as reason
    from rejected where noun = 'pair' group by key
),
score as (
    select pair_id, any_value(columns(* exclude pair_id)) from current_pixel_score group by pair_id
),
spread as (
    select pair_images.*, verdict.reason as reason,
        row_number() over (partition by task, strategy, verdict.reason is null, subtask order by pair_id) as turn
    from pair_images left join verdict using (pair_id)
),
ranked as (
    select *, row_number() over (partition by task, strategy, reason is null order by turn, subtask) as place
    from spread
),
chosen as (
    select * from ranked
    qualify row_number() over (order by place, task, strategy, reason is null desc, pair_id) <= $pairs
),
said as (
    select subject_id as pair_id,
        list({'tier': tier, 'language': language, 'text': text} order by tier, language, text_id) as texts
    from text semi join chosen on chosen.pair_id = text.subject_id
    where tier in ('detailed', 'concise', 'user') group by subject_id
),
named as (
    select ingested.image_id as source_id, min(parse_filename(file.path)) as name
    from ingested join file using (file_id) group by ingested.image_id
)
select chosen.pair_id as pair_id, chosen.task as task, chosen.subtask as subtask, chosen.strategy as strategy,
    chosen.maker as maker, chosen.parameters as parameters, chosen.seed as seed, chosen.reason as reason,
    chosen.source_sha256 as source_sha256, chosen.target_sha256 as target_sha256, named.name as name,
    score.property as property, score.asked as asked, score.measured as measured, score.followed as followed,
    score.kept as kept, score.changed_area as changed_area, score.psnr as psnr, said.texts as texts
from chosen
left join score using (pair_id)
left join said using (pair_id)
left join named using (source_id)
order by chosen.place, chosen.task, chosen.strategy, chosen.reason is null desc, chosen.pair_id;
