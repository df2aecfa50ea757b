"""Random PyNN programs, drawn from a seed, that have to come out the same on every backend.

`draw(seed)` (module `drawing`) writes a program; `playing` carries it out on one backend,
`serving` in a process of its own; `comparing` says what differs; `shrinking` leaves out what a
difference does not need. From the top folder of the repository:

    python -m tests.programs 0:100                 run programs 0 to 99, print what differs
    python -m tests.programs show 17               print program 17, an ordinary PyNN script
    python -m tests.programs shrink 17             print the smallest part of it that still differs

`--backends nest brian2 reference` takes others, `--jobs 2` runs two programs at a time, and
`--compiled` lets Brian2 compile its code in place of interpreting it.

Between two runs, in any order, cells, sources, currents, weights and rules are changed, more is
recorded, and data are read; callbacks do the same within a run; some programs go back to time 0,
and all segments are compared at the end.

Left out, as a backend refuses it: `PointNeuron` and `GIF_cond_exp`, a dendritic part of the delay
of 0, two `tau_minus` of one neuron, delays that change once the simulation has begun, cells and
projections that are made then. What is mended is added here.
"""
