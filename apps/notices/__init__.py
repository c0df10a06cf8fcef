"""The outbox: what is to be said to whom by when, and sending it once. It never decides."""
