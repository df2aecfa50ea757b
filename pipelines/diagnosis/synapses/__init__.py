"""What arrives at neurons: connections, trains of sources, inputs, and their sizes."""
