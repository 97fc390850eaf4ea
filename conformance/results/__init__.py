"""What a run came to: verdicts, findings, tallies, waivers, and what of them may be written."""
