-- Requests of the strategy control.
create or replace view control_request as select * from requested where strategy = 'control';
