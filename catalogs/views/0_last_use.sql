-- When each operator (name, version, settings) was last used.
create or replace view last_use as
select operator_id, any_value(name) as name, max(used_at) as used_at from operator group by operator_id;
