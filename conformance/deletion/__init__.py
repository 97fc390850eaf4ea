"""Rules for operations that delete a call and keep a redacted record."""
