-- Photographs whose own metadata say that a generative model made them, Sec. 2.2.5: parameters of a local program, the
-- name of a service, a C2PA manifest, an IPTC digital source type. Metadata are easily lost, so none proves nothing.
-- $parts = true      also those of which a model made only a part
-- $manifest = false  also those with a C2PA manifest that states no source type; cameras write such manifests too
-- $software = []     also those written by a program whose name contains one of these
with said as (
    select image_id, generator, evidence, c2pa, software,
        generator <> '' and ($parts or generator <> 'declared in part') as named,
        $manifest and c2pa = 'present' as manifest,
        coalesce(list_bool_or([contains(lower(software), lower(part)) for part in $software::varchar[]]), false) as written
    from current_header join ingested using (file_id) semi join photo using (image_id)
)
select image_id as key,
    string_agg(distinct case when named then format('generated ({}): {}', generator, evidence)
        when manifest then 'C2PA manifest without a source type'
        else format('written by {}', software) end, '; ') as reason
from said where named or manifest or written
group by image_id;
