"""The names of visitors, as they say or type them."""


def clean(name):
    """Give a name in small letters, with single spaces."""
    return " ".join(name.lower().split())


def is_same(known, given):
    """Tell whether two names mean the same visitor; capitals and spaces do not matter."""
    return clean(known).startswith(clean(given))
