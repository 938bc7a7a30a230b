"""Models trained on what people put right: examples as chat lines, jobs at a provider, the model by its name."""
