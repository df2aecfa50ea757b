"""How often the verdicts and the causes are right, of faults that are put in on purpose."""
