-- Rows of text that are stored more than once.
select text_id as key, count(*) as times from text group by all having times > 1;
