"""The numerics behind the lessons: pure functions on NumPy arrays in float64."""
