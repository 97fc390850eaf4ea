"""Drives rules: draws cases, sends what they ask for, shrinks and keeps what breaks."""
