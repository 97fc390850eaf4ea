"""Proof that every check can fail: the suite against its own references, each with one defect or one lawful difference.

`trial` runs one of them, `plan` says which there are, `matrix` writes what came of it.
"""
