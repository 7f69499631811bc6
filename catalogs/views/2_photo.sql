-- Photographs that came in, not products of an edit.
create or replace view photo as select * from image where origin = 'photo';
