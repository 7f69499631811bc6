-- What operators could not do with $key, and why.
-- $key = 0  file, image or pair
select operator, error, transient from failure where key = $key order by operator;
