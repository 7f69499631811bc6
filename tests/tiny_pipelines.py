"""Tiny random checkpoints of diffusers pipelines, written by save_pretrained in a second or two each."""

from pathlib import Path
from typing import Any

import torch

from firered.models import torchvision_cpu

torchvision_cpu.install()

import diffusers  # noqa: E402  (looks for torchvision)
import transformers  # noqa: E402

BYTES = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 324))]
CROSS = 32


def seeded(make: Any, *, seed: int = 0) -> Any:
    """Make something whose random weights depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


# --- parts --------------------------------------------------------------------------------------


def clip_tokenizer() -> Any:
    """A tokenizer that reads letter by letter."""
    words = [*BYTES, *(f"{byte}</w>" for byte in BYTES), "<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(
        vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=77
    )


def clip_text(*, projection: int | None = None) -> Any:
    """A text tower of one layer."""
    count = len(clip_tokenizer())
    config = transformers.CLIPTextConfig(
        vocab_size=count,
        hidden_size=CROSS,
        intermediate_size=CROSS,
        num_hidden_layers=1,
        num_attention_heads=2,
        projection_dim=projection or CROSS,
        bos_token_id=count - 2,
        eos_token_id=count - 1,
        pad_token_id=count - 1,
    )
    return seeded(lambda: transformers.CLIPTextModel(config).eval())


def autoencoder(**changes: Any) -> Any:
    """An autoencoder that halves the sides once."""
    plain = {
        "block_out_channels": [8, 16],
        "down_block_types": ["DownEncoderBlock2D"] * 2,
        "up_block_types": ["UpDecoderBlock2D"] * 2,
        "latent_channels": 4,
        "norm_num_groups": 4,
    }
    return seeded(lambda: diffusers.AutoencoderKL(**{**plain, **changes}).eval())


def unet(channels: int) -> Any:
    """A U-Net of two levels that reads so many channels."""
    return seeded(
        lambda: diffusers.UNet2DConditionModel(
            sample_size=16,
            in_channels=channels,
            out_channels=4,
            block_out_channels=(8, 16),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=CROSS,
            attention_head_dim=2,
            norm_num_groups=4,
        ).eval()
    )


def stable_parts(channels: int) -> dict[str, Any]:
    """Parts that all pipelines of Stable Diffusion share."""
    return {
        "unet": unet(channels),
        "vae": autoencoder(),
        "text_encoder": clip_text(),
        "tokenizer": clip_tokenizer(),
        "scheduler": diffusers.EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
        "safety_checker": None,
        "feature_extractor": None,
    }


# --- pipelines ----------------------------------------------------------------------------------


def instruct_pix2pix(folder: Path) -> Path:
    """Write an InstructPix2Pix: its U-Net reads noise and source side by side."""
    made = diffusers.StableDiffusionInstructPix2PixPipeline(**stable_parts(8), requires_safety_checker=False)
    made.save_pretrained(folder)
    return folder


def inpainting(folder: Path) -> Path:
    """Write an inpainting pipeline: its U-Net reads noise, mask and what is left of the source."""
    made = diffusers.StableDiffusionInpaintPipeline(**stable_parts(9), requires_safety_checker=False)
    made.save_pretrained(folder)
    return folder


def text_to_image(folder: Path) -> Path:
    """Write a plain pipeline, over which a ControlNet is laid."""
    made = diffusers.StableDiffusionPipeline(**stable_parts(4), requires_safety_checker=False)
    made.save_pretrained(folder)
    return folder


def controlnet(folder: Path) -> Path:
    """Write a ControlNet for the plain pipeline whose outputs are not zero, as after training."""
    made = seeded(
        lambda: diffusers.ControlNetModel.from_unet(unet(4), conditioning_embedding_out_channels=(8, 16))
    )
    with torch.no_grad():
        for number, parameter in enumerate(made.parameters()):
            if not parameter.any():
                noise = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number))
                parameter.copy_(noise * 0.2)
    made.save_pretrained(folder)
    return folder


def lora(base: Path, folder: Path, *, seed: int = 0) -> Path:
    """Write adapters for the U-Net of a pipeline, as after training."""
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    network = diffusers.UNet2DConditionModel.from_pretrained(base / "unet")
    targets = ["to_q", "to_k", "to_v", "to_out.0"]
    seeded(lambda: network.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=targets)))
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "lora_" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=draw))
    weights = get_peft_model_state_dict(network)
    diffusers.StableDiffusionInstructPix2PixPipeline.save_lora_weights(folder, unet_lora_layers=weights)
    return folder


def flux_kontext(folder: Path) -> Path:
    """Write a FLUX Kontext with two text towers and one block of each kind."""
    transformer = seeded(
        lambda: diffusers.FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=CROSS,
            pooled_projection_dim=CROSS,
            guidance_embeds=True,
            axes_dims_rope=(4, 6, 6),
        ).eval()
    )
    t5 = transformers.T5Config(
        vocab_size=300, d_model=CROSS, d_kv=8, d_ff=32, num_layers=1, num_heads=2, feed_forward_proj="gated-gelu"
    )  # fmt: skip
    made = diffusers.FluxKontextPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=autoencoder(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=seeded(lambda: transformers.T5EncoderModel(t5).eval()),
        tokenizer_2=t5_tokenizer(),
        transformer=transformer,
    )
    made.save_pretrained(folder)
    return folder


def t5_tokenizer() -> Any:
    """A tokenizer of single letters."""
    letters = [chr(code) for code in range(33, 127)]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((each, -3.0) for each in letters)]
    return transformers.T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)


# --- Qwen ---------------------------------------------------------------------------------------

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def qwen_tokenizer() -> Any:
    """A tokenizer that reads byte by byte and knows the signs of the chat."""
    made = transformers.Qwen2Tokenizer(
        vocab={word: number for number, word in enumerate([*BYTES, *SPECIAL])}, merges=[]
    )
    made.add_special_tokens({"additional_special_tokens": list(SPECIAL[1:])})
    made.chat_template = CHAT
    return made


def qwen_vl(tokenizer: Any) -> Any:
    """A Qwen2.5-VL of one layer for letters and one for pictures."""
    ids = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "video_pad", "vision_start", "vision_end")}  # fmt: skip
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": CROSS,
            "intermediate_size": CROSS,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e6},
            "bos_token_id": None,
            "eos_token_id": tokenizer.convert_tokens_to_ids("<|im_end|>"),
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": CROSS,
            "fullatt_block_indexes": [0],
        },
        image_token_id=ids["image_pad"],
        video_token_id=ids["video_pad"],
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
    )
    return seeded(lambda: transformers.Qwen2_5_VLForConditionalGeneration(config).eval())


def qwen_processor(kind: Any, tokenizer: Any) -> Any:
    """Letters and pictures made ready for the model."""
    return kind(
        image_processor=transformers.Qwen2VLImageProcessor(),
        tokenizer=tokenizer,
        video_processor=transformers.Qwen2VLVideoProcessor(),
        chat_template=CHAT,
    )


def qwen_image_edit_plus(folder: Path) -> Path:
    """Write a Qwen-Image-Edit-Plus; sides of latents are a 32nd, as it works on a million pixels whatever comes."""
    tokenizer = qwen_tokenizer()
    transformer = seeded(
        lambda: diffusers.QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=CROSS,
            axes_dims_rope=(4, 6, 6),
        ).eval()
    )
    vae = seeded(
        lambda: diffusers.AutoencoderKLQwenImage(
            base_dim=4,
            z_dim=4,
            dim_mult=[1, 1, 1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False] * 5,
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ).eval()
    )
    made = diffusers.QwenImageEditPlusPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=qwen_vl(tokenizer),
        tokenizer=tokenizer,
        processor=qwen_processor(transformers.Qwen2VLProcessor, tokenizer),
        transformer=transformer,
    )
    made.save_pretrained(folder)
    return folder


def vision_language(folder: Path) -> Path:
    """Write a Qwen2.5-VL with its processor, as a local VLM."""
    tokenizer = qwen_tokenizer()
    qwen_vl(tokenizer).save_pretrained(folder)
    qwen_processor(transformers.Qwen2_5_VLProcessor, tokenizer).save_pretrained(folder)
    return folder
