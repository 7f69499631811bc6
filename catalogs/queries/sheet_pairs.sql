-- Pairs for the contact sheets of the tasks: of each task $pairs accepted and $rejected rejected ones, taken in turn
-- from every strategy, maker and subtask and from different photographs, with an instruction in each language.
-- $pairs = 6     accepted pairs of a task
-- $rejected = 3  rejected pairs of a task
with verdict as (
    select key as pair_id, string_agg(filter || ': ' || reason, '; ' order by filter) as reason
    from rejected where noun = 'pair' group by key
),
spread as (
    select pair_images.*, verdict.reason as reason, verdict.reason is null as accepted,
        row_number() over (partition by task, strategy, maker, subtask, verdict.reason is null order by pair_id) as turn,
        row_number() over (partition by task, strategy, photo_id, verdict.reason is null order by pair_id) as photo_turn
    from pair_images
    left join verdict using (pair_id)
    where verdict.reason is not null or pair_id in (select pair_id from kept_pair)
),
ranked as (
    select *, row_number() over (partition by task, accepted, strategy order by turn, photo_turn, pair_id) as place
    from spread
),
chosen as (
    select *, row_number() over (partition by task, accepted order by place, strategy, pair_id) as number from ranked
    qualify number <= if(accepted, $pairs, $rejected)
),
said as (
    select subject_id as pair_id, language,
        arg_min(text, (list_position(['concise', 'detailed', 'user'], tier), text_id)) as text
    from text semi join chosen on chosen.pair_id = text.subject_id
    where tier in ('concise', 'detailed', 'user') group by all
),
reference as (
    select pair.pair_id as pair_id, unnest(pair.reference_ids) as image_id,
        generate_subscripts(pair.reference_ids, 1) as number
    from pair semi join chosen using (pair_id)
),
referred as (
    select reference.pair_id as pair_id, list(image.sha256 order by reference.number) as sha256s
    from reference join image on image.image_id = reference.image_id group by reference.pair_id
)
select chosen.task as task, chosen.pair_id as pair_id, chosen.strategy as strategy, chosen.maker as maker,
    chosen.subtask as subtask, chosen.reason as reason, chosen.source_sha256 as source_sha256,
    chosen.target_sha256 as target_sha256, coalesce(referred.sha256s, []) as reference_sha256s,
    chosen.parameters as parameters, english.text as en, chinese.text as zh
from chosen
left join said as english on english.pair_id = chosen.pair_id and english.language = 'en'
left join said as chinese on chinese.pair_id = chosen.pair_id and chinese.language = 'zh'
left join referred on referred.pair_id = chosen.pair_id
order by chosen.task, chosen.accepted desc, chosen.number;
