"""The server under test: what the user says of it, its states, credential and bounds."""
