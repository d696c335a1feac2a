from checking import keep_definitions, keep_unchanged

from blog import slugs
from blog.articles import Article

assert slugs.slugify("Hello, world!") == "hello-world"
assert slugs.slugify("(An aside) and more") == "an-aside-and-more"
assert slugs.slugify("plain") == "plain"
assert slugs.slugify("Top 10: the best!") == "top-10-the-best"
assert slugs.shorten("ab-" * 30) == ("ab-" * 20)[:-1]
assert Article("What now?", "").address == "/articles/what-now"
assert slugs.MAX_LENGTH == 60
keep_definitions("blog/slugs.py")
keep_definitions("blog/articles.py")
keep_unchanged("blog/__init__.py")
