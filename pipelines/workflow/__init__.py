"""The logic of the Snakemake workflow: its settings, plans, resources and lock."""
