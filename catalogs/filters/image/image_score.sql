-- Photographs that a chosen model scores outside $low to $high, for one of its labels. Several models may have scored a
-- photograph; of each the scores count that were used last.
-- $model = ''   beginning of the model's spec, such as hf:Falconsai/nsfw_image_detection; an empty text takes all models
-- $label = ''   label, such as nsfw; an empty text takes all labels
-- $low = -1.0e+9   lowest score that is kept
-- $high = 1.0e+9   highest score that is kept
with latest as (
    -- current_image_score would keep one model only.
    select image_score.* from image_score join last_use using (operator_id)
    qualify used_at = max(used_at) over (partition by image_id, regexp_replace(model, '@[^@]*$', ''))
)
select image_id as key,
    string_agg(
        case when score < $low then format('{} {:.3f} below {:g}', label, score, $low::double)
            else format('{} {:.3f} above {:g}', label, score, $high::double) end,
        '; ' order by label
    ) as reason
from latest
where starts_with(model, $model) and ($label = '' or label = $label) and (score < $low or score > $high)
group by image_id;
