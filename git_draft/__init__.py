"""git-draft: a model's change to a repository as a commit you can look at, merge or ignore."""

__version__ = "0.1.0"
