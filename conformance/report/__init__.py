"""Reports: everything made from results.jsonl, and nothing else."""
