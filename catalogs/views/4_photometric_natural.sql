-- A place of a photometric property as a value again, for reasons that people read.
create or replace macro photometric_natural(property, place) as
    case property when 'brightness' then 1.01 - exp(-place) when 'texture' then exp(place) - 0.001
        when 'sharpness' then exp(place) - 1 when 'highlights' then exp(place) - 0.01
        when 'contrast' then exp(place) - 0.01
        when 'noise' then exp(place) - 0.3 else place end;
