"""How fast the backends are: ours, stock PyNN and hand-written code on the same network."""
