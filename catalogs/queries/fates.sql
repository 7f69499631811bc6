-- What became of every file: kept, rejected (by the first filter in the recipe's order that rejects it), an exact
-- duplicate of another file, failed, or waiting to be taken in; and how many files.
with latest as (
    select filters from run where len(filters) > 0 order by started_at desc limit 1
),
verdict as (
    select key as image_id, arg_min(filter, list_position(filters, filter)) as filter
    from rejected cross join latest where noun = 'image' group by key
),
taken as (
    select file_id, image_id, row_number() over (partition by image_id order by file_id) as copy
    from current_ingested
),
failed as (
    select key as file_id, any_value(regexp_replace(error, '\d+', 'N', 'g')) as error
    from failure where operator = 'ingest' group by key
),
outcome as (
    select
        case when taken.image_id is null and failed.file_id is not null then 'failed'
            when taken.image_id is null then 'waiting'
            when taken.copy > 1 then 'exact duplicate'
            when verdict.filter is not null then 'rejected'
            else 'kept' end as fate,
        coalesce(case fate when 'failed' then failed.error when 'rejected' then verdict.filter end, '') as reason
    from file
    left join taken using (file_id)
    left join failed on failed.file_id = file.file_id
    left join verdict on verdict.image_id = taken.image_id
)
select fate as fate, reason as reason, count(*) as files from outcome group by fate, reason
order by list_position(['kept', 'rejected', 'exact duplicate', 'failed', 'waiting'], outcome.fate), files desc, reason;
