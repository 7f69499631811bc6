"""Tiny checkpoints with random weights, made by the libraries' own classes, in the formats of the real ones."""

from functools import partial
from pathlib import Path
from typing import Any

from firered.models import torchvision_cpu

torchvision_cpu.install()


def sam_file(path: Path) -> Path:
    """Weights of segment-anything for pictures of 64 pixels."""
    import torch
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(1)
    norm = partial(torch.nn.LayerNorm, eps=1e-6)
    windows = {"window_size": 3, "global_attn_indexes": [1], "use_rel_pos": True}
    encoder = ImageEncoderViT(64, 16, 3, 16, 2, 2, 4, 32, True, norm, **windows)
    prompts = PromptEncoder(32, (4, 4), (64, 64), 16)
    transformer = TwoWayTransformer(depth=2, embedding_dim=32, mlp_dim=24, num_heads=8)
    decoder = MaskDecoder(transformer_dim=32, transformer=transformer)
    torch.save(Sam(encoder, prompts, decoder).state_dict(), path)
    return path


def sam2_folder(folder: Path) -> Path:
    """SAM 2 in transformers' format, for pictures of 64 pixels."""
    import torch
    import transformers as t

    torch.manual_seed(2)
    backbone = t.Sam2HieraDetConfig(
        hidden_size=8,
        image_size=[64, 64],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64],
        num_attention_heads_per_stage=[1, 1, 1, 1],
        window_size_per_stage=[4, 4, 4, 4],
        window_positional_embedding_background_size=[4, 4],
        global_attention_blocks=[3],
    )
    vision = t.Sam2VisionConfig(
        backbone_config=backbone,
        backbone_channel_list=[64, 32, 16, 8],
        backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
        fpn_hidden_size=32,
    )
    config = t.Sam2Config(
        vision_config=vision,
        prompt_encoder_config=t.Sam2PromptEncoderConfig(hidden_size=32, image_size=64),
        mask_decoder_config=t.Sam2MaskDecoderConfig(hidden_size=32, mlp_dim=32, iou_head_hidden_dim=32),
    )
    t.Sam2Model(config).eval().save_pretrained(folder)
    size = {"height": 64, "width": 64}
    pictures = t.Sam2ImageProcessor(size=size, mask_size={"height": 16, "width": 16})
    t.Sam2Processor(image_processor=pictures, target_size=64).save_pretrained(folder)
    return folder


def depth_folder(folder: Path) -> Path:
    """A depth estimator (DPT) for pictures of 32 pixels."""
    import torch
    import transformers as t

    torch.manual_seed(3)
    config = t.DPTConfig(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=32,
        patch_size=8,
        backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        is_hybrid=False,
    )
    t.DPTForDepthEstimation(config).eval().save_pretrained(folder)
    t.DPTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def detector_folder(folder: Path) -> Path:
    """A detector of objects (YOLOS) of three kinds, for pictures of 32 pixels."""
    import torch
    import transformers as t

    torch.manual_seed(4)
    config = t.YolosConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=[32, 32],
        patch_size=8,
        num_detection_tokens=5,
        id2label={0: "cat", 1: "dog", 2: "hat"},
        label2id={"cat": 0, "dog": 1, "hat": 2},
    )
    t.YolosForObjectDetection(config).eval().save_pretrained(folder)
    t.YolosImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def hed_folder(folder: Path) -> Path:
    """Weights of controlnet-aux' HED detector, in the file that it looks for."""
    import torch
    from controlnet_aux.hed import ControlNetHED_Apache2

    torch.manual_seed(5)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(ControlNetHED_Apache2().state_dict(), folder / "ControlNetHED.pth")
    return folder


def openpose_folder(folder: Path) -> Path:
    """Weights of controlnet-aux' OpenPose: bodies, hands and faces, in the files that it looks for."""
    import torch
    from controlnet_aux.open_pose import body, face, hand

    torch.manual_seed(6)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, file in (
        (body.bodypose_model, "body_pose_model.pth"),
        (hand.handpose_model, "hand_pose_model.pth"),
    ):
        named = {name.split(".", 1)[1]: value for name, value in kind().state_dict().items()}
        torch.save(named, folder / file)
    torch.save(face.FaceNet().state_dict(), folder / "facenet.pth")
    return folder


def grounding_folder(folder: Path) -> Path:
    """Grounding DINO with a vocabulary of a few words, for small pictures."""
    import torch
    import transformers as t

    torch.manual_seed(7)
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "a", "cat", "hat", "dog"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = t.GroundingDinoConfig(
        backbone_config=t.SwinConfig(
            image_size=32, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=2,
            out_features=["stage2", "stage3", "stage4"],
        ),
        text_config=t.BertConfig(
            vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
        ),
        d_model=32, encoder_layers=1, encoder_ffn_dim=16, encoder_attention_heads=2, decoder_layers=2,
        decoder_ffn_dim=16, decoder_attention_heads=2, num_queries=6, num_feature_levels=4,
    )  # fmt: skip
    t.GroundingDinoForObjectDetection(config).eval().save_pretrained(folder)
    pictures = t.GroundingDinoImageProcessor(size={"shortest_edge": 96, "longest_edge": 128})
    tokens = t.BertTokenizer(vocab_file=str(folder / "vocab.txt"))
    t.GroundingDinoProcessor(image_processor=pictures, tokenizer=tokens).save_pretrained(folder)
    return folder


def sam3_folder(folder: Path) -> Path:
    """SAM 3 with a vocabulary of a few letters, for pictures of 56 pixels."""
    import torch
    import transformers as t

    torch.manual_seed(8)
    folder.mkdir(parents=True, exist_ok=True)
    backbone = t.Sam3ViTConfig(
        hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=56, patch_size=14,
        window_size=2, global_attn_indexes=[1], pretrain_image_size=56,
    )  # fmt: skip
    vision = t.Sam3VisionConfig(
        backbone_config=backbone, fpn_hidden_size=32, backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]]
    )
    words = t.CLIPTextConfig(
        vocab_size=40, hidden_size=32, intermediate_size=32, projection_dim=32, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=32, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    small = {"hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 2, "num_layers": 1}
    config = t.Sam3Config(
        vision_config=vision,
        text_config=words.to_dict(),
        geometry_encoder_config=small,
        detr_encoder_config=small,
        detr_decoder_config={**small, "num_queries": 5},
        mask_decoder_config={"hidden_size": 32, "num_attention_heads": 2},
    )
    t.Sam3Model(config).eval().save_pretrained(folder)
    size = {"height": 56, "width": 56}
    pictures = t.Sam3ImageProcessor(size=size, mask_size={"height": 16, "width": 16})
    t.Sam3Processor(image_processor=pictures, tokenizer=_letters(), target_size=56).save_pretrained(folder)
    return folder


def vitpose_folder(folder: Path) -> Path:
    """ViTPose with 17 joints, for pictures of 64 x 48 pixels."""
    import torch
    import transformers as t

    torch.manual_seed(9)
    backbone = t.VitPoseBackboneConfig(
        image_size=[64, 48], patch_size=[16, 16], hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        out_features=["stage1"], out_indices=[1],
    )  # fmt: skip
    t.VitPoseForPoseEstimation(
        t.VitPoseConfig(backbone_config=backbone, num_labels=17)
    ).eval().save_pretrained(folder)
    t.VitPoseImageProcessor(size={"height": 64, "width": 48}).save_pretrained(folder)
    return folder


def _letters() -> Any:
    """Tokens of CLIP for single letters."""
    import transformers as t
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    letters = {"<|startoftext|>": 0, "<|endoftext|>": 1} | {
        letter: 2 + k for k, letter in enumerate("abcdefghijklmnop")
    }
    made = Tokenizer(models.WordLevel(letters, unk_token="<|endoftext|>"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", 0), ("<|endoftext|>", 1)],
    )
    return t.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        bos_token="<|startoftext|>",
    )
