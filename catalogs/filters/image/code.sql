-- Photographs with a QR code or barcode that covers more than $share of the picture, Sec. 2.2.3.
-- $share = 0.0  of the picture's area, 0 to 1; at 0 any code rejects
select image_id as key,
    string_agg(
        format('{} {} covers {:.3f} of the picture, {:.3f} allowed',
            kind, case when symbology = '' then 'that could not be read' else symbology end, area, $share),
        '; ' order by area desc, symbology
    ) as reason
from (select *, ("right" - "left") * (bottom - top) as area from current_code)
where area > $share
group by image_id;
