"""What others would have built; runs in build/peers-venv with libraries of its own, so mypy leaves it out."""
