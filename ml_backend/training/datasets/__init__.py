"""Samples to train on: datasets whose sample i depends on the seed and i alone."""
