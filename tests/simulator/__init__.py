"""The platform in a box, held against the platform's own rules."""
