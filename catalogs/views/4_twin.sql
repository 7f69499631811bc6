-- Two pairs of one task whose sources are neighbours and whose targets look alike: candidates, each two once.
-- Sources are neighbours where they are one image, go back to one photograph or to one cluster of near duplicates,
-- or where their perceptual hashes lie within 3 bits, so that they share one of four bands of 16 bits. Targets look
-- alike where their hashes lie within 10 bits. Pairs whose stored arguments or wishes differ ask for different
-- things, however alike they look, and are no twins. One hash join finds all; a band of a flat picture is left out, since
-- all flat pictures share it.
create or replace view twin as
with side as (
    select pair.pair_id as pair_id, pair.task as task, pair.source_id as source_id,
        coalesce(pair.photo_id, pair.source_id) as photo_id, cluster.cluster_id as cluster_id,
        similarity.source_phash as source_phash, similarity.target_phash as target_phash,
        source.sha256 as source_sha256, target.sha256 as target_sha256,
        pair.maker || coalesce(
            stored.parameters ->> '$.arguments', stored.parameters ->> '$.asks', stored.parameters ->> '$.wish'
        ) as asked
    from pair
    join (select pair_id, try_cast(nullif(parameters, '') as json) as parameters from pair) as stored using (pair_id)
    join current_pair_similarity as similarity using (pair_id)
    join image as source on source.image_id = pair.source_id
    join image as target on target.image_id = pair.target_id
    left join current_cluster as cluster on cluster.image_id = coalesce(pair.photo_id, pair.source_id)
),
place as (
    select pair_id, unnest([
        'image ' || source_id, 'photo ' || photo_id, 'cluster ' || cluster_id, 'band 0 ' || (source_phash & 65535),
        'band 1 ' || ((source_phash >> 16) & 65535), 'band 2 ' || ((source_phash >> 32) & 65535),
        'band 3 ' || ((source_phash >> 48) & 65535)
    ]) as name
    from side
),
meeting as (
    select distinct mine.pair_id as pair_id, other.pair_id as other_id
    from (select place.*, task from place join side using (pair_id)) as mine
    join (select place.*, task from place join side using (pair_id)) as other using (task, name)
    where mine.pair_id < other.pair_id
)
select xor(meeting.pair_id, meeting.other_id) as twin_id, meeting.pair_id as pair_id, meeting.other_id as other_id,
    mine.source_sha256 as source_sha256, mine.target_sha256 as target_sha256,
    other.source_sha256 as other_source_sha256, other.target_sha256 as other_target_sha256
from meeting
join side as mine on mine.pair_id = meeting.pair_id
join side as other on other.pair_id = meeting.other_id
where bit_count(xor(mine.target_phash, other.target_phash)) <= 10
    and coalesce(mine.asked = other.asked, true)
    and (
        mine.photo_id = other.photo_id or mine.cluster_id = other.cluster_id
        or mine.source_id = other.source_id
        or (
            bit_count(xor(mine.source_phash, other.source_phash)) <= 3
            and bit_count(mine.source_phash) between 16 and 48
        )
    );
