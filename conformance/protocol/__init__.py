"""Rules over statuses, schemas, credentials and malformed input, for every contract."""
