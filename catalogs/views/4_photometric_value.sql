-- Photometric properties of photographs, one a row, with the source and the kind (colour or grey) of the photograph.
-- The brightness of a thing on white ground says nothing of its exposure. `place` is the value on the scale on which the property is spread evenly: tones are seen by their ratios.
create or replace view photometric_value as
with measured as (
    select photometry.image_id as image_id, photo_source.source as source,
        case when saturation < 0.02 then 'grey' else 'colour' end as kind,
        unnest([
            {'property': 'brightness', 'value': if(ground > 0.9, null, brightness), 'place': -ln(1.01 - brightness)},
            {'property': 'saturation', 'value': if(kind = 'grey', null, saturation), 'place': saturation},
            {'property': 'rgb_entropy', 'value': rgb_entropy, 'place': rgb_entropy},
            {'property': 'texture', 'value': texture, 'place': ln(texture + 0.001)},
            {'property': 'sharpness', 'value': sharpness, 'place': ln(1 + sharpness)},
            {'property': 'focus', 'value': focus, 'place': focus},
            {'property': 'highlights', 'value': highlights, 'place': ln(highlights + 0.01)},
            {'property': 'noise', 'value': spectrum.residual, 'place': ln(spectrum.residual + 0.3)},
            {'property': 'contrast', 'value': highlights - shadows, 'place': ln(highlights - shadows + 0.01)}
        ]) as measure
    from current_photometry as photometry
    join photo_source using (image_id)
    left join (select image_id, any_value(residual) as residual from current_spectrum group by image_id) as spectrum
        using (image_id)
)
select image_id, source, kind, measure.property as property, measure.value as value, measure.place as place
from measured where measure.value is not null;
