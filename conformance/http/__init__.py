"""Requests and answers: the session, its deadlines, what is never sent, and strict readings of what came."""
