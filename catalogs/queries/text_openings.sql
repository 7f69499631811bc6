-- The most repeated openings of instructions in each language: three words, or four characters of Chinese.
-- $each = 8  openings of each language
with opening as (
    select language, case when language = 'zh' then text[1:4]
        else lower(array_to_string(list_slice(string_split(text, ' '), 1, 3), ' ')) end as opening
    from text where tier in ('detailed', 'concise', 'user')
),
counted as (select language, opening, count(*) as texts from opening group by all)
select language as language, opening as opening, texts as texts,
    texts / sum(texts) over (partition by language) as share
from counted
qualify row_number() over (partition by language order by texts desc, opening) <= $each
order by language, texts desc, opening;
