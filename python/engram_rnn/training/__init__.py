"""Training: from what users ask for to what the engine is told, and back."""
