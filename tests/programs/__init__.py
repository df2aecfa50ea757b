"""Random PyNN programs, drawn from a seed, that have to come out the same on every backend.

`draw(seed)` (module `drawing`) writes a program; `playing` carries it out on one backend,
`serving` in a process of its own; `comparing` says what differs; `shrinking` leaves out what a
difference does not need. From the top folder of the repository:

    python -m tests.programs 0:100                 run programs 0 to 99, print what differs
    python -m tests.programs show 17               print program 17, an ordinary PyNN script
    python -m tests.programs shrink 17             print the smallest part of it that still differs
"""
