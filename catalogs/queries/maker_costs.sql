-- Makers of pairs with what one pair took so far: the median of its seconds, the mean of its money.
select maker as maker, count(*) as pairs, median(seconds) as seconds, avg(money) as money
from produced group by maker order by maker;
