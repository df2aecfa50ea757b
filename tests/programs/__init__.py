"""Random PyNN programs, drawn from a seed, that have to come out the same on every backend.

`draw(seed)` (module `drawing`) writes a program; `playing` carries it out on one backend,
`serving` in a process of its own; `comparing` says what differs; `shrinking` leaves out what a
difference does not need. From the top folder of the repository:

    python -m tests.programs 0:100                 run programs 0 to 99, print what differs
    python -m tests.programs show 17               print program 17, an ordinary PyNN script
    python -m tests.programs shrink 17             print the smallest part of it that still differs

`--backends nest brian2 reference` takes others, `--jobs 2` runs two programs at a time, and
`--compiled` lets Brian2 compile its code in place of interpreting it.

Left out, as a backend refuses it or means something else: `PointNeuron` and `GIF_cond_exp`,
short-term plasticity, rates and trains of several spikes a step, spikes before `min_delay` and a
step, a dendritic part of the delay of 0, two `tau_minus` of one neuron, `reset()`, `initialize()`
and plastic weights in mid-run, constant and alternating currents in mid-run, random numbers
without a generator. What is mended is added here.
"""
