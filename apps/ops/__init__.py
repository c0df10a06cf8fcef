"""Door: see ARCHITECTURE.md."""
