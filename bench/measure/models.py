# SPDX-License-Identifier: MIT
"""models.py: what is measured. Operations are those that the mathematics needs: two for a multiplication and its addition in convolutions,
products, recurrent layers and attention; a training step takes three times its forward pass, less the gradient of the first input."""
from collections import namedtuple

# rows of a training step; 10^9 operations of the step; 10^6 of one row forward; how inputs are drawn; measured with no names given
Model = namedtuple("Model", "rows train forward drawn usual")
MODELS = {
    "mlp": Model(64, 0.154, 1.070, "normal", True),
    "lenet": Model(64, 0.145, 0.833, "normal", True),
    "cnn": Model(64, 14.72, 77.27, "normal", True),
    "densenet": Model(64, 11.60, 60.86, "normal", True),
    "resnet20": Model(64, 15.62, 81.63, "normal", True),
    "gru": Model(32, 1.91, 20.45, "normal", True),
    "grulm": Model(32, 3.322, 34.60, "normal", True),
    "transformer": Model(16, 11.425, 238.0, "normal", True),
    "gan": Model(64, 2.43, 3.81, "normal", True),
    "vae": Model(128, 0.42, 1.302, "uniform", True),
    "resnet50": Model(8, 196.0, 8178.0, "normal", False),
    "gpt": Model(4, 193.3, 16106.0, "normal", False),
    "gru1000": Model(32, 29.8, 319.5, "normal", False),
    "emb": Model(64, 0.001, 0.005, "normal", False),
}
CONVOLUTIONS = {"lenet", "cnn", "densenet", "resnet20", "gan", "resnet50"}
