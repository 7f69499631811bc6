"""Every row of the catalog: a frozen dataclass is a table (or a view); field order is column order.

The name of the table is the class name in snake case. `key()` is the first field. Ids are 63-bit
integers cut from a sha256, because joins on integers cost a third of joins on text.
"""

from firered.rows.base import Row, id_of, id_of_sha256
from firered.rows.images import (
    Corrected,
    File,
    Header,
    Image,
    Ingested,
    KeptImage,
    KeptPhoto,
    Photo,
    TurnedPhoto,
)
from firered.rows.measurements import (
    Aesthetics,
    Border,
    Code,
    Collage,
    Face,
    ImageHash,
    ImageScore,
    Mosaic,
    Neighbour,
    NeighbourImages,
    NeighbourScore,
    Orientation,
    Photometry,
    Quality,
    Screenshot,
    Spectrum,
    TextBox,
    Watermark,
)
from firered.rows.pairs import (
    EditScore,
    KeptPair,
    Pair,
    PairImages,
    PairSimilarity,
    PixelScore,
    Twin,
    TwinScore,
)
from firered.rows.perception import Detection, EditTarget, FaceShape, Mask, Pose, StructureMap
from firered.rows.requests import (
    ControlRequest,
    ExpertRequest,
    Ingredient,
    NextScene,
    PerceptionScore,
    Produced,
    Request,
    Requested,
    Scene,
    Sibling,
    SplitRequest,
    SplitScore,
    TemplateRequest,
)
from firered.rows.texts import KeptPhrase, Text, Vector

__all__ = [
    "Aesthetics", "Border", "Code", "Collage", "ControlRequest", "Corrected", "Detection", "EditScore",
    "EditTarget", "ExpertRequest", "Face", "FaceShape", "File", "Header", "Image", "ImageHash",
    "ImageScore", "Ingested", "Ingredient", "KeptImage", "KeptPair", "KeptPhoto", "KeptPhrase", "Mask",
    "Mosaic", "Neighbour", "NeighbourImages", "NeighbourScore", "NextScene", "Orientation", "Pair",
    "PairImages", "PairSimilarity", "PerceptionScore", "Photo", "Photometry", "PixelScore", "Pose",
    "Produced", "Quality", "Request", "Requested", "Row", "Scene", "Screenshot", "Sibling", "Spectrum", "SplitRequest", "SplitScore",
    "StructureMap", "TemplateRequest", "Text", "TextBox", "TurnedPhoto", "Twin", "TwinScore", "Vector",
    "Watermark", "id_of", "id_of_sha256",
]  # fmt: skip
