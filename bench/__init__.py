"""The benchmark: drives a running hub from outside, over its commands and HTTP, and prints what it measured."""
