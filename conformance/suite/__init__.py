"""The run inside pytest: one item a requirement, several processes, one results file a contract."""
