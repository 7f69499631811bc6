"""Networks of MediaPipe (TensorFlow Lite files of its wheel), run by OpenVINO; none of its code is used."""
