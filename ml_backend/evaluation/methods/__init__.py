"""Ours, the paper's baselines (Sec. 4.2), its ablations (Table 3), and what any method must beat."""
