"""What is on the path of the hidden checks, and nothing else."""
