"""Names of articles, for use in addresses."""

import re

MAX_LENGTH = 60


def slugify(title):
    """Turn a title into lower case words with dashes between them."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower())


def shorten(slug):
    """Cut a slug to MAX_LENGTH characters, at a dash if there is one."""
    if len(slug) <= MAX_LENGTH:
        return slug
    return slug[:MAX_LENGTH].rpartition("-")[0] or slug[:MAX_LENGTH]
