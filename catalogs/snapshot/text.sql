-- Every caption and instruction.
select * exclude (operator_id) from text;
