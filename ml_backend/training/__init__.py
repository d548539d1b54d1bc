"""Training of the networks (Sec. 3.5 and 4.1): one loop, and a stage for each network or pair of networks."""
