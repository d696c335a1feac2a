"""Articles and where they are found."""

from dataclasses import dataclass

from blog.slugs import shorten, slugify


@dataclass
class Article:
    """An article of the blog."""

    title: str
    text: str

    @property
    def address(self):
        """The path under which it is found."""
        return "/articles/" + shorten(slugify(self.title))
