"""Cut long lists of results into pages."""


def page_count(total, per_page):
    """Give the number of pages that `total` items fill."""
    return (total + per_page - 1) // per_page


def page_of(index, per_page):
    """Give the number, from 1, of the page that an item is on; `index` counts from 0."""
    return index // per_page + 1


def slice_page(items, page, per_page):
    """Give the items on a page; pages count from 1."""
    start = (page - 1) * per_page
    return items[start : start + per_page]


def describe(page, total, per_page):
    """Say which page it is, as in "page 2 of 5"."""
    return f"page {page} of {page_count(total, per_page)}"
