-- Screening, Sec. 2.2: what files say of themselves, content validity, orientation, quality, statistics of generated
-- images, neighbours and their clusters, similarity inside pairs and between them.

alter table photometry add column focus double;
alter table photometry add column shadows double;
alter table photometry add column highlights double;
alter table photometry add column ground double;
alter table image_hash add column cropped bigint;
alter table image_hash add column cropped_more bigint;
alter table text_box add column contrast double;
alter table text_box add column opacity double;

create table header (
    file_id bigint not null, format varchar, extension varchar, width bigint, height bigint, mode varchar,
    orientation bigint, frames bigint, progressive boolean, camera varchar, software varchar, generator
    varchar, c2pa varchar, evidence varchar, operator_id bigint not null
);
create table corrected (
    image_id bigint not null, parent_id bigint, turn bigint, tilt double, operator_id bigint not null
);
create table border (
    image_id bigint not null, "left" double, top double, "right" double, bottom double, operator_id bigint
    not null
);
create table mosaic (
    image_id bigint not null, pixelated double, block double, strength double, masked double, operator_id
    bigint not null
);
create table collage (
    image_id bigint not null, panels bigint, seam double, gutter double, operator_id bigint not null
);
create table screenshot (
    image_id bigint not null, flat double, lines double, score double, operator_id bigint not null
);
create table code (
    image_id bigint not null, kind varchar, symbology varchar, text varchar, "left" double, top double,
    "right" double, bottom double, operator_id bigint not null
);
create table watermark (
    image_id bigint not null, repetition double, period double, operator_id bigint not null
);
create table face (
    image_id bigint not null, score double, turn bigint, "left" double, top double, "right" double, bottom
    double, operator_id bigint not null
);
create table orientation (
    image_id bigint not null, turn bigint, turn_confidence double, tilt double, tilt_confidence double,
    evidence varchar, operator_id bigint not null
);
create table quality (
    image_id bigint not null, brisque double, operator_id bigint not null
);
create table aesthetics (
    image_id bigint not null, composition double, harmony double, light double, score double, operator_id
    bigint not null
);
create table spectrum (
    image_id bigint not null, residual double, peaks double, slope double, light double, operator_id bigint
    not null
);
create table image_score (
    image_id bigint not null, model varchar, label varchar, score double, operator_id bigint not null
);
create table neighbour (
    neighbour_id bigint not null, image_id bigint, other_id bigint, method varchar, distance double,
    operator_id bigint not null
);
create table neighbour_score (
    neighbour_id bigint not null, correlation double, ssim double, shared double, operator_id bigint not null
);
create table pair_similarity (
    pair_id bigint not null, features double, semantic double, copy double, psnr double, ssim double,
    changed_area double, change double, psnr_outside double, leak double, changed_map varchar, source_phash
    bigint, target_phash bigint, operator_id bigint not null
);
create table twin_score (
    twin_id bigint not null, pair_id bigint, other_id bigint, source_psnr double, target_psnr double,
    source_ssim double, target_ssim double, operator_id bigint not null
);

-- Which cluster of near duplicates a photograph belongs to, by the rule (JSON) that made it; the latest line counts.
create table cluster_member (
    image_id bigint not null, cluster_id bigint not null, rule varchar not null, assigned_at timestamp not null
);
