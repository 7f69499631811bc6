-- Manifests that were frozen, the latest first.
select name as name, digest as digest, path as path, pairs as pairs, run_id as run_id, frozen_at as frozen_at
from manifest order by frozen_at desc, name;
