-- Photographs whose perceptual hash (or that of their mirror image) lies within $radius bits of a better one.
-- Candidates share one of eight 8-bit bands, which finds every neighbour up to radius 7 (Sec. 2.2.1).
-- Better is: more pixels, then more bytes, then the smaller id. About half of a hash's bits are set;
-- a flat picture has next to none, and is no duplicate of other flat pictures.
-- $radius = 6  Hamming distance in bits, at most 7
with photo as (
    select image.image_id as image_id, image.width * image.height as pixels, image.bytes as bytes,
        image_hash.phash as phash, image_hash.mirrored as mirrored
    from current_image_hash as image_hash join image using (image_id) where image.origin = 'photo' and bit_count(image_hash.phash) >= 16
),
band as (select unnest(range(0, 64, 8)) as shift),
entry as (
    select image_id, shift, (phash >> shift) & 255 as value, phash as hash, false as flipped from photo, band
),
probe as (
    select * from entry
    union all
    select image_id, shift, (mirrored >> shift) & 255, mirrored, true from photo, band
),
neighbour as (
    select probe.image_id as image_id, entry.image_id as other_id, min(bit_count(xor(probe.hash, entry.hash))) as distance
    from probe join entry using (shift, value)
    where probe.image_id <> entry.image_id and bit_count(xor(probe.hash, entry.hash)) <= $radius
    group by all
)
select mine.image_id as key,
    format('{} bits from image {} ({} allowed)', min(distance), arg_min(other.image_id, distance), $radius) as reason
from neighbour
join photo as mine using (image_id)
join photo as other on other.image_id = neighbour.other_id
where (other.pixels, other.bytes, -other.image_id) > (mine.pixels, mine.bytes, -mine.image_id)
group by mine.image_id;
