-- Rows of file that are stored more than once.
select file_id as key, count(*) as times from file group by all having times > 1;
