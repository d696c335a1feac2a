"""Terms and what they mean, as at the end of a book."""


def parse_glossary(text):
    """Take a text apart, with a line such as "tea: a hot drink" for each term."""
    meanings = {}
    for line in text.splitlines():
        term, colon, meaning = line.partition(":")
        if colon:
            meanings[term.strip()] = meaning.strip()
    return meanings


def longest_term(terms):
    """Give the term with the most characters, the first one if there are several."""
    return max(terms, key=len)


def format_glossary(meanings):
    """Write the terms below each other, with the meanings in a column of their own."""
    if not meanings:
        return ""
    width = len(longest_term(meanings))
    return "\n".join(f"{term:{width}}  {meaning}" for term, meaning in meanings.items())
