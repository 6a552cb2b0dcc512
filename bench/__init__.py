"""Measurements, side by side in one run: machines are shared and noisy, so ratios are what counts."""
