"""How long git-draft takes around the model's own time, beside git, the earlier git-draft and aider: `make bench`."""
