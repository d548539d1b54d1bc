"""Measuring (Sec. 4): datasets, the paper's baselines and ablations, metrics, and the report."""
