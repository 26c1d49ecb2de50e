"""The sequence classes, as estimators in scikit-learn's manner."""

from .classifier import SequenceClassifier
from .generator import NextSymbol, SequenceGenerator
from .predictor import SequencePredictor
from .regressor import SequenceRegressor
from .tagger import SequenceTagger
from .transcriber import SequenceTranscriber

__all__ = [
    "NextSymbol",
    "SequenceClassifier",
    "SequenceGenerator",
    "SequencePredictor",
    "SequenceRegressor",
    "SequenceTagger",
    "SequenceTranscriber",
]
