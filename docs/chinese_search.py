"""Lets readers of the Chinese book find words, although Chinese has no blanks between them.

Every two neighbouring characters are a term of the index, and a query is cut in the same way. So a word is found that
no dictionary has, and the part of one. (Sphinx's own index of Chinese needs the package jieba, and leaves the query
uncut: a word of the query is found only if the dictionary has cut it out of the page as a whole.)
"""

import re

from sphinx.search.zh import SearchChinese

RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")


def terms(text, single):
    """Return the terms of a text: Latin words, pairs of Chinese characters and, if asked for, single ones."""
    found = []
    for run in RUN.findall(text):
        if not "\u3400" <= run[0] <= "\u9fff":
            found.append(run)
            continue
        found += [run[i : i + 2] for i in range(len(run) - 1)]
        if single or len(run) == 1:
            found += run
    return found


class SearchPairsOfCharacters(SearchChinese):
    """The index of the Chinese book; English words in it are cut down to their stems, as in the English book."""

    # The name of the stemmer in JavaScript begins with it.
    language_name = "English"
    js_splitter_code = r"""
function splitQuery(query) {
  return (query.match(/[\u3400-\u9fff]+|[^\s\p{P}\p{S}\u3400-\u9fff]+/gu) ?? []).flatMap((run) =>
    /^[\u3400-\u9fff]{2}/.test(run)
      ? Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2))
      : [run])
}
"""

    def split(self, input):  # noqa: A002
        """Return the terms of a text of the book."""
        found = terms(input, single=True)
        self.latin_terms.update(term for term in found if term.isascii())
        return found

    def word_filter(self, word):
        """Return whether a term is put into the index."""
        return len(word) > 1 or "\u3400" <= word <= "\u9fff"
