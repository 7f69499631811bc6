-- Kept images that are photographs, not products of an edit.
create or replace view kept_photo as select * from kept_image where origin = 'photo';
