"""Contracts: documents, corrections, and what they promise, as data."""
