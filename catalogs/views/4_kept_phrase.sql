-- Distinct instructions of kept pairs by language: what is embedded, once.
create or replace view kept_phrase as
select phrase_id, any_value(language) as language, any_value(text) as text
from text semi join kept_pair on kept_pair.pair_id = text.subject_id
group by phrase_id;
