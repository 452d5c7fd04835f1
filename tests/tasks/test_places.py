"""What a place of a text is like, said again from the text before it."""

from __future__ import annotations

from rnnsite.tasks.places import FEATURES, places


def test_features_are_what_a_reader_would_say():
    text = 'One "two (t" three\n\n(four) "x'
    assert len(FEATURES) == 4
    line, word, quoted, depth = places(text).tolist()
    for t in range(len(text)):
        so_far = text[: t + 1]
        paragraph = so_far.rpartition("\n\n")[2]
        assert line[t] == len(so_far.rpartition("\n")[2])
        assert word[t] == len(so_far) - len(so_far.rstrip("abcdefghijklmnopqrstuvwxyzOT"))
        assert quoted[t] == paragraph.count('"') % 2
        assert depth[t] == paragraph.count("(") - paragraph.count(")")
