"""The engine for language models: prompt, request, answer, and the proof that the document says it."""
