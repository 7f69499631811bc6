-- Production, Sec. 2.3: structural priors of photographs, requests, and what their pairs took.

create table mask (
    image_id bigint not null, kind varchar, label varchar, score double, area double, "left" double, top double,
    "right" double, bottom double, height bigint, width bigint, counts varchar, matte varchar,
    operator_id bigint not null
);
create table detection (
    image_id bigint not null, label varchar, score double, "left" double, top double, "right" double,
    bottom double, operator_id bigint not null
);
create table pose (
    image_id bigint not null, person bigint, scheme varchar, score double, points double[],
    operator_id bigint not null
);
create table face_shape (
    image_id bigint not null, face bigint, "left" double, top double, "right" double, bottom double,
    score double, points double[], emotion varchar, emotion_score double, age double, identity double[],
    operator_id bigint not null
);
create table structure_map (
    image_id bigint not null, kind varchar, model varchar, sha256 varchar, operator_id bigint not null
);
create table edit_target (
    image_id bigint not null, origin varchar, kind varchar, en varchar, zh varchar, "left" double, top double,
    "right" double, bottom double, operator_id bigint not null
);

create table request (
    request_id bigint not null, group_id bigint not null, photo_id bigint not null, source_id bigint not null,
    parent_id bigint, strategy varchar not null, maker varchar not null, maker_version bigint not null,
    primitive varchar not null, task varchar not null, subtask varchar not null, wish varchar not null,
    seed bigint not null, step bigint not null, depth bigint not null, operator_id bigint not null
);
create table produced (
    pair_id bigint not null, request_id bigint not null, maker varchar not null, model varchar not null,
    revision varchar not null, seconds double, money double, operator_id bigint not null
);
create table ingredient (pair_id bigint not null, photo_id bigint not null, operator_id bigint not null);
create table perception_score (
    pair_id bigint not null, "check" varchar, asked varchar, found varchar, score double,
    operator_id bigint not null
);
create table split_score (
    pair_id bigint not null, steps bigint, stopped varchar, one_shot varchar, split_followed double,
    one_shot_followed double, psnr double, operator_id bigint not null
);
