-- Photographs with a watermark: a faint pattern that repeats on a grid, a line of text that says what only
-- watermarks say, a date that a camera stamped, or letters so faint that they stand on no sign.
-- $repetition = 0.39  how strongly a pattern may repeat, 0 to 1
-- $contrast = 0.1     luma between letters and their ground below which they are faint, 0 to 1
-- $share = 0.02       of the picture's area that faint lines may cover, 0 to 1
-- $characters = 4     characters that a faint line must have
-- $words = '©|\(c\)|www\.|\.(com|net|org|cn)\b|^@\w|stock|getty|shutter|watermark|copyright|sample|preview|proof|not.?copy|水印|图库|样片|版权|转载|仅供|素材'  what marks say
-- $dates = '^((19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](19|20)\d\d)'  how stamped dates begin
with sign as (
    select image_id, 1 as rank,
        format('a pattern repeats every {:.2f} of the picture, {:.2f} strong, {:.2f} allowed',
            period, repetition, $repetition) as reason
    from current_watermark where repetition > $repetition
    union all
    select image_id, 2, format('the text {} is what marks say', to_json(text))
    from current_text_box where regexp_matches(text, $words, 'i')
    union all
    select image_id, 3, format('the text {} is a stamped date', to_json(text))
    from current_text_box where regexp_matches(text, $dates)
    union all
    select image_id, 4,
        format('faint text covers {:.3f} of the picture, {:.3f} allowed', sum(("right" - "left") * (bottom - top)), $share)
    from current_text_box where contrast < $contrast and length(text) >= $characters
    group by image_id having sum(("right" - "left") * (bottom - top)) > $share
)
select image_id as key, string_agg(reason, '; ' order by rank, reason) as reason from sign group by image_id;
