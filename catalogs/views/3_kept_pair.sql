-- Pairs that no filter rejects, of photographs that no filter rejects.
create or replace view kept_pair as
select * from pair
where not exists (select 1 from rejected where noun = 'pair' and key = pair.pair_id)
    and not exists (select 1 from rejected where noun = 'image' and key = pair.photo_id);
