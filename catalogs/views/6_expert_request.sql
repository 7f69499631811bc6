-- Requests of the strategy expert.
create or replace view expert_request as select * from requested where strategy = 'expert';
