-- Texts by what they are about, tier and language, with the distinct ones and their mean length in characters.
select case when text.tier in ('original', 'structured') then 'caption' else 'instruction' end as kind,
    text.tier as tier, text.language as language, count(*) as texts,
    count(distinct text.phrase_id) as phrases, avg(length(text.text)) as characters
from text group by all order by kind, tier, language;
