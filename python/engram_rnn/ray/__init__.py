"""Training on a Ray cluster: `pip install engram-rnn[ray]`.

The process that calls :func:`fit` holds the run; actors on any machines compute shards of its batches. Gradients are
summed over a fixed tree of the shards, so any number of workers, also one that changes, gives the bits of one thread.
"""

from .fit import fit
from .workers import Workers

__all__ = ["Workers", "fit"]
