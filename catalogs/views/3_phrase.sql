-- Distinct instructions by language: what is embedded, once.
create or replace view phrase as
select phrase_id, any_value(language) as language, any_value(text) as text from text group by phrase_id;
