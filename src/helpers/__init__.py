"""What the lessons share: the grown-up versions of their algorithms, data, figures, and checks of exercises.

Importing this package before TensorFlow keeps TensorFlow's start-up messages out of the notebook: they differ from
machine to machine. A value that is already set in the environment is kept.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Even level 3 prints a line about oneDNN, unless oneDNN is off.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
