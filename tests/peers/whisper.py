"""A Whisper model in the form of faster-whisper, tiny and untrained: it runs as real ones do and babbles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

# What makes it a model of many languages, and the sizes that Whisper's code expects.
VOCABULARY, FRAMES, LENGTH, BANDS = 51865, 1500, 448, 80
WIDTH = 16


def write_model(directory: Path) -> Path:
    """Write model, vocabulary and tokenizer into a directory."""
    words = _words()
    spec = whisper_spec.WhisperSpec(1, 1, 1, 1)
    random = np.random.default_rng(7)
    _fill_encoder(spec.encoder, random)
    _fill_decoder(spec.decoder, random, end=words.index("<|endoftext|>"))
    languages = [words.index(f"<|{code}|>") for code in _LANGUAGE_CODES[:99]]
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [words.index("<|endoftext|>")]
    spec.config.lang_ids = languages
    spec.config.alignment_heads = [[0, 0]]
    spec.register_vocabulary(words)
    spec.validate()
    directory.mkdir(parents=True, exist_ok=True)
    spec.save(str(directory))
    _tokenizer(words).save(str(directory / "tokenizer.json"))
    return directory


def _words() -> list[str]:
    """Bytes, fillers, then the special tokens and the timestamps, in Whisper's order."""
    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in _LANGUAGE_CODES[:99])]
    special += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>"]
    special += ["<|notimestamps|>", *(f"<|{number / 50:.2f}|>" for number in range(1501))]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    fillers = [f"\u0120word{number}" for number in range(VOCABULARY - len(special) - len(letters))]
    return [*letters, *fillers, *special]


def _tokenizer(words: list[str]) -> Tokenizer:
    made = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(word, special=True) for word in words if word.startswith("<|")])
    return made


def _fill_encoder(encoder: Any, random: np.random.Generator) -> None:
    for convolution, channels in ((encoder.conv1, BANDS), (encoder.conv2, WIDTH)):
        convolution.weight = _noise(random, WIDTH, channels, 3)
        convolution.bias = np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = _noise(random, FRAMES, WIDTH)
    _norm(encoder.layer_norm)
    _fill_layer(encoder.layer[0], random)


def _fill_decoder(decoder: Any, random: np.random.Generator, end: int) -> None:
    decoder.embeddings.weight = _noise(random, VOCABULARY, WIDTH)
    decoder.position_encodings.encodings = _noise(random, LENGTH, WIDTH)
    decoder.scale_embeddings = False
    _norm(decoder.layer_norm)
    # It stops after a few words: the end is about as likely as the likeliest of them.
    decoder.layer_norm.beta += 0.1
    decoder.projection.weight = decoder.embeddings.weight.copy()
    decoder.projection.weight[end] = 10.0
    _fill_layer(decoder.layer[0], random)
    _norm(decoder.layer[0].attention.layer_norm)
    for linear, rows in zip(decoder.layer[0].attention.linear, (WIDTH, 2 * WIDTH, WIDTH), strict=True):
        _linear(linear, random, rows, WIDTH)


def _fill_layer(layer: Any, random: np.random.Generator) -> None:
    _norm(layer.self_attention.layer_norm)
    _linear(layer.self_attention.linear[0], random, 3 * WIDTH, WIDTH)
    _linear(layer.self_attention.linear[1], random, WIDTH, WIDTH)
    _norm(layer.ffn.layer_norm)
    _linear(layer.ffn.linear_0, random, 4 * WIDTH, WIDTH)
    _linear(layer.ffn.linear_1, random, WIDTH, 4 * WIDTH)


def _linear(linear: Any, random: np.random.Generator, rows: int, columns: int) -> None:
    linear.weight = _noise(random, rows, columns)
    linear.bias = np.zeros(rows, np.float32)


def _norm(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _noise(random: np.random.Generator, *shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return random.standard_normal(shape).astype(np.float32)
