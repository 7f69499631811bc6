-- Requests of the strategy template.
create or replace view template_request as select * from requested where strategy = 'template';
