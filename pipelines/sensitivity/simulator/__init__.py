"""A small simulator of integrate-and-fire networks that can be made wrong on purpose."""
