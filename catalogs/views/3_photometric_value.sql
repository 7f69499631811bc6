-- Photometric properties of photographs, one a row; sharpness as ln(1 + sharpness).
create or replace view photometric_value as
with measured as (
    select photometry.image_id as image_id, brightness, saturation, rgb_entropy, texture,
        ln(1 + sharpness) as log_sharpness
    from current_photometry as photometry semi join photo using (image_id)
)
unpivot measured on columns(* exclude image_id) into name property value value;
