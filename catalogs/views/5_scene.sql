-- Kept photographs with everything that perception found in them, and six other kept photographs each.
create or replace view scene as
with masked as (
    select image_id, to_json(list({
        'kind': kind, 'label': label, 'score': score, 'area': area,
        'box': {'left': "left", 'top': top, 'right': "right", 'bottom': bottom},
        'height': height, 'width': width, 'counts': counts, 'matte': matte
    } order by score desc, area desc, counts)) as masks
    from current_mask group by image_id
),
detected as (
    select image_id, to_json(list({
        'label': label, 'score': score, 'box': {'left': "left", 'top': top, 'right': "right", 'bottom': bottom}
    } order by score desc, label, "left")) as objects
    from current_detection group by image_id
),
written as (
    select image_id, to_json(list({
        'text': text, 'score': score, 'box': {'left': "left", 'top': top, 'right': "right", 'bottom': bottom}
    } order by top, "left", text)) as texts
    from current_text_box group by image_id
),
faced as (
    select image_id, to_json(list({
        'face': face, 'score': score, 'points': points, 'emotion': emotion, 'emotion_score': emotion_score, 'age': age,
        'box': {'left': "left", 'top': top, 'right': "right", 'bottom': bottom}
    } order by face)) as faces
    from current_face_shape group by image_id
),
posed as (
    select image_id, to_json(list({'person': person, 'scheme': scheme, 'score': score, 'points': points}
        order by person, scheme)) as poses
    from current_pose group by image_id
),
proposed as (
    select image_id, to_json(list({
        'origin': origin, 'kind': kind, 'en': en, 'zh': zh,
        'box': case when "left" is not null
            then {'left': "left", 'top': top, 'right': "right", 'bottom': bottom} end
    } order by kind, en)) as targets
    from current_edit_target group by image_id
),
placed as (select *, row_number() over (order by image_id) - 1 as place, count(*) over () as photographs from kept_photo),
-- Ids are cut from hashes, so the next ones in their order are others at random.
beside as (
    select placed.image_id as image_id, to_json(list({
        'image_id': other.image_id, 'sha256': other.sha256, 'width': other.width, 'height': other.height,
        'masks': coalesce(masked.masks, '[]'::json), 'objects': coalesce(detected.objects, '[]'::json)
    } order by step.k)) as others
    from placed
    cross join range(1, 7) as step(k)
    join placed as other on other.place = (placed.place + step.k) % placed.photographs and step.k < placed.photographs
    left join masked on masked.image_id = other.image_id
    left join detected on detected.image_id = other.image_id
    group by placed.image_id
)
select placed.image_id as image_id, placed.sha256 as sha256, placed.width as width, placed.height as height,
    placed.licence as licence, coalesce(masks, '[]')::varchar as masks, coalesce(objects, '[]')::varchar as objects,
    coalesce(texts, '[]')::varchar as texts, coalesce(faces, '[]')::varchar as faces,
    coalesce(poses, '[]')::varchar as poses, coalesce(targets, '[]')::varchar as targets,
    coalesce(others, '[]')::varchar as others
from placed
left join masked using (image_id)
left join detected using (image_id)
left join written using (image_id)
left join faced using (image_id)
left join posed using (image_id)
left join proposed using (image_id)
left join beside using (image_id);
