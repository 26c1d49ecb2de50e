"""engram for Python: recurrent networks that train to the same bits as in a browser and in Node.

The sequence classes are estimators in scikit-learn's manner; their files are those of the JavaScript package.
"""

from ._engine import __version__
from .encoders import Encoder
from .files import load, model_from_json
from .models import (
    ExplainedPart,
    Explanation,
    NextSymbol,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceStream,
    SequenceTagger,
    SequenceTranscriber,
)
from .models.parameters import (
    ClassifierParameters,
    GeneratorParameters,
    LabelledParameters,
    ModelParameters,
    PredictorParameters,
    RegressorParameters,
    TranscriberParameters,
)
from .network import Network
from .pack import Pack
from .training.options import EngineOptions, NetworkOptions
from .training.report import Score, TrainingProgress, TrainingResult

__all__ = [
    "ClassifierParameters",
    "Encoder",
    "EngineOptions",
    "ExplainedPart",
    "Explanation",
    "GeneratorParameters",
    "LabelledParameters",
    "ModelParameters",
    "Network",
    "NetworkOptions",
    "NextSymbol",
    "Pack",
    "PredictorParameters",
    "RegressorParameters",
    "Score",
    "SequenceClassifier",
    "SequenceGenerator",
    "SequencePredictor",
    "SequenceRegressor",
    "SequenceStream",
    "SequenceTagger",
    "SequenceTranscriber",
    "TrainingProgress",
    "TrainingResult",
    "TranscriberParameters",
    "__version__",
    "load",
    "model_from_json",
]
