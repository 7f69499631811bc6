"""Networks saved as TensorFlow.js graph models (`model.json` and shards of weights), run by torch."""

from firered.models.tfjs.graph import Graph

__all__ = ["Graph"]
