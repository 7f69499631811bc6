-- Pairs that a maker made of a picture that is no image of the catalog: they cannot be made again.
select pair_id as key, json_extract_string(parameters, '$.start') as start from pair
where starts_with(parameters, '{"wish"')
    and json_extract_string(parameters, '$.start') not in (select sha256 from image);
