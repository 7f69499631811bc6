-- Rows, the ledger that says who made them, and the runs that decided over them.
-- `operator_id` on every row is the fingerprint of the operator that made it (0: added by hand).

create table file (
    file_id bigint not null, path varchar not null, source varchar not null, licence varchar not null,
    bytes bigint not null, modified_ns bigint not null, operator_id bigint not null
);
create table image (
    image_id bigint not null, sha256 varchar not null, width bigint not null, height bigint not null,
    bytes bigint not null, format varchar not null, mode varchar not null, orientation bigint not null,
    origin varchar not null, licence varchar not null, operator_id bigint not null
);
create table ingested (file_id bigint not null, image_id bigint not null, operator_id bigint not null);

create table photometry (
    image_id bigint not null, brightness double, saturation double, rgb_entropy double, texture double,
    sharpness double, operator_id bigint not null
);
create table image_hash (image_id bigint not null, phash bigint, mirrored bigint, operator_id bigint not null);
create table text_box (
    image_id bigint not null, text varchar, score double, "left" double, top double, "right" double,
    bottom double, operator_id bigint not null
);

create table pair (
    pair_id bigint not null, source_id bigint not null, target_id bigint not null, reference_ids bigint[],
    task varchar not null, subtask varchar not null, strategy varchar not null, maker varchar not null,
    parameters varchar not null, seed bigint not null, parent_id bigint, photo_id bigint, step bigint not null,
    operator_id bigint not null
);
create table text (
    text_id bigint not null, subject_id bigint not null, tier varchar not null, language varchar not null,
    text varchar not null, phrase_id bigint not null, operator_id bigint not null
);
create table pixel_score (
    pair_id bigint not null, property varchar, asked double, measured double, followed double, kept double,
    changed_area double, psnr double, operator_id bigint not null
);
create table edit_score (
    score_id bigint not null, run_name varchar not null, pair_id bigint not null, phase varchar not null,
    psnr double, psnr_copy double, followed boolean, operator_id bigint not null
);

-- Who made what, and what is still to do: the only bookkeeping there is.
create table operator (
    operator_id bigint not null, name varchar not null, version bigint not null, settings varchar not null,
    used_at timestamp not null
);
create table ledger (
    operator_id bigint not null, key bigint not null, error varchar, transient boolean not null,
    settled_at timestamp not null
);

-- Runs, their steps, and what their filters decided.
create table run (
    run_id bigint not null, recipe varchar not null, recipe_text varchar not null, filters varchar[] not null,
    started_at timestamp not null
);
create table run_step (
    run_id bigint not null, ordinal bigint not null, name varchar not null, kind varchar not null,
    total bigint, done bigint, failed bigint, remaining bigint, seconds double, note varchar, ended_at timestamp not null
);
create table evaluation (
    evaluation_id bigint not null, run_id bigint not null, filter varchar not null, noun varchar not null,
    parameters varchar not null, digest varchar not null, evaluated_at timestamp not null
);
create table decision (evaluation_id bigint not null, key bigint not null, reason varchar not null);
create table manifest (
    digest varchar not null, name varchar not null, path varchar not null, pairs bigint not null,
    run_id bigint not null, frozen_at timestamp not null
);

-- The fifteen edit categories of REDEdit-Bench, in the paper's three groups (Sec. 2.1, 4.1).
create table task (name varchar not null, family varchar not null);
insert into task values
    ('add', 'semantic'), ('remove', 'semantic'), ('replace', 'semantic'), ('background', 'semantic'),
    ('extract', 'semantic'), ('adjust', 'stylistic'), ('color', 'stylistic'), ('stylize', 'stylistic'),
    ('beauty', 'stylistic'), ('lowlevel', 'stylistic'), ('portrait', 'structural'), ('motion', 'structural'),
    ('viewpoint', 'structural'), ('text', 'structural'), ('compose', 'structural');
