"""The product, one package a domain; see ARCHITECTURE.md for who may import whom."""
