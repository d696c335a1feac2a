"""The only package that knows libgit2 or starts the git program.

libgit2 does all that lives in the object database: refs, trees, blobs, commits, notes. The git program does all that
reads or writes the user's working directory.
"""
