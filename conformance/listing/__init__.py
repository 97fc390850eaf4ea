"""Rules for cursor-paginated lists of what was deleted."""
