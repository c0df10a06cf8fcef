"""Forms (what a request must hold) and entries (what an answer holds), one module a domain."""
