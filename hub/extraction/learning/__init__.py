"""What the hub learns from people: corrections, judgements, layouts by their labels, examples for prompts."""
