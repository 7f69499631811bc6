-- What became of every file: kept (as it is, or turned upright), rejected (by the first filter in the recipe's order that
-- rejects it, or its corrected image), an exact duplicate of another file, an earlier version of a file that changed,
-- failed, or waiting to be taken in; and how many files.
with latest as (
    select filters from run where len(filters) > 0 order by started_at desc limit 1
),
verdict as (
    select key as image_id, arg_min(filter, list_position(filters, filter)) as filter
    from rejected cross join latest where noun = 'image' group by key
),
child as (
    select parent_id as image_id, max(corrected.image_id) as child_id
    from corrected semi join verdict on verdict.image_id = corrected.parent_id and verdict.filter = 'turned'
    group by parent_id
),
-- A file that changed has a row for each version.
version as (
    select file_id, path, row_number() over (partition by path order by modified_ns desc, file_id) as age from file
),
taken as (
    select file_id, image_id, row_number() over (partition by image_id order by age, file_id) as copy
    from current_ingested join version using (file_id)
),
failed as (
    -- Sizes and places differ from file to file, the kind of failure does not.
    select key as file_id, any_value(regexp_replace(error, '\d{2,}', 'N', 'g')) as error
    from failure where operator = 'ingest' group by key
),
outcome as (
    select
        case when version.age > 1 then 'earlier version'
            when taken.image_id is null and failed.file_id is not null then 'failed'
            when taken.image_id is null then 'waiting'
            when taken.copy > 1 then 'exact duplicate'
            when coalesce(its.filter, verdict.filter, '') not in ('', 'turned') then 'rejected'
            when verdict.filter is not null and child.child_id is null then 'rejected'
            else 'kept' end as fate,
        coalesce(case fate when 'failed' then failed.error when 'rejected' then coalesce(its.filter, verdict.filter)
            when 'kept' then if(child.child_id is null, '', 'turned upright') end, '') as reason
    from version
    left join taken using (file_id)
    left join failed on failed.file_id = version.file_id
    left join verdict on verdict.image_id = taken.image_id
    left join child on child.image_id = taken.image_id
    left join verdict as its on its.image_id = child.child_id
)
select fate as fate, reason as reason, count(*) as files from outcome group by fate, reason
order by list_position(['kept', 'rejected', 'exact duplicate', 'earlier version', 'failed', 'waiting'], outcome.fate),
    files desc, reason;
