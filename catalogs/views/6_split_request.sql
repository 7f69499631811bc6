-- Requests of the strategy split.
create or replace view split_request as select * from requested where strategy = 'split';
