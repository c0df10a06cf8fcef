"""Commands of the person who runs the product."""
