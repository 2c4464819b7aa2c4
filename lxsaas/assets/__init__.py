"""Sources of styles and scripts, and the program that builds them."""
