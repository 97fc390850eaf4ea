"""Embedded reference servers: one package a vendor, each with its faults and variants as tables."""
