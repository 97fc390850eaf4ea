"""The gate: what is known and let through, what closes it, and what a known defect comes to today."""
