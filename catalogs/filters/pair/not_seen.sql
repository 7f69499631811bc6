-- Pairs in which a perception model does not find what was asked: words, things, faces, poses.
-- $score = 0.5  lowest score of a check, 0 to 1
-- $passed_over = ''  checks that do not count, between commas
select pair_id as key,
    format('{}: asked {}, found {}, score {:.2f} below {:.2f}', arg_min("check", score), arg_min(asked, score),
        arg_min(found, score), min(score), $score) as reason
from current_perception_score
where score < $score and not list_contains(string_split($passed_over, ','), "check")
group by pair_id;
