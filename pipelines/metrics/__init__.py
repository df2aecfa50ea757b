"""Pure functions from arrays to numbers, and the closed forms they are held against."""
