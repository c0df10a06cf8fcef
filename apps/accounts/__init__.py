"""People who sign in, their organizations and roles, and the systems that call the API."""
