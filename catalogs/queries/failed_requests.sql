-- Requests that no pair was made of, by maker and reason; numbers in a reason are left out, so that alike ones count together.
select request.strategy as strategy, request.maker as maker,
    regexp_replace(failure.error, '[0-9]+([.x][0-9]+)*', 'N', 'g') as reason, count(*) as requests,
    min(failure.error) as example
from failure join request on request.request_id = failure.key
group by all order by requests desc, maker, reason;
