"""The sequence classes, as estimators in scikit-learn's manner."""

from ..encoders.coding import ExplainedPart
from .classifier import SequenceClassifier
from .explanation import Explanation
from .generator import NextSymbol, SequenceGenerator
from .predictor import SequencePredictor
from .regressor import SequenceRegressor
from .stream import SequenceStream
from .tagger import SequenceTagger
from .transcriber import SequenceTranscriber

__all__ = [
    "ExplainedPart",
    "Explanation",
    "NextSymbol",
    "SequenceClassifier",
    "SequenceGenerator",
    "SequencePredictor",
    "SequenceRegressor",
    "SequenceStream",
    "SequenceTagger",
    "SequenceTranscriber",
]
