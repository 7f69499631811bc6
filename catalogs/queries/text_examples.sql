-- A few texts of each tier and language, no phrase twice.
-- $each = 3  texts of each tier and language
with phrase as (
    select tier, language, phrase_id, any_value(text) as text from text group by all
)
select tier as tier, language as language, text as text from phrase
qualify row_number() over (partition by tier, language order by phrase_id) <= $each
order by tier, language, phrase_id;
