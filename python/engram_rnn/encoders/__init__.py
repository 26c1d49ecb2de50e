"""Encoders: what turns texts and series into steps, one kind per file."""

from .encoder import Encoder

__all__ = ["Encoder"]
