"""What stands for what in files of languages with braces, when only a part of one is written."""

from __future__ import annotations

import pytest

from git_draft.bots.braces import outline_braces
from git_draft.bots.fragments import fit_contents
from git_draft.bots.parts import iter_parts
from git_draft.errors import ToolError
from tests.unit.test_fragments import fit

SCRIPT = """\
// app
'use strict';
import { a } from './x.js';

const LIMIT = 10;
const quote = /['"{]/g;

/**
 * Mean.
 */
function mean(xs) {
  return `${xs.map((x) => { return "}"; })}`;
}

export const total = (xs) => {
  return xs.reduce((a, b) => a + b, 0);
};

const short = (x) =>
  x + 1

class Box extends Base {
  size = 1;

  // grows
  async grow(by) {
    if (by) {
      this.a += by;
    }
  }

  static make() { return new Box(); }
}

app.get("/", (req, res) => {
  res.send(mean([1]));
});

module.exports = { mean, total };
"""
GO = """\
package main

import (
\t"fmt"
)

type Box struct {
\tA int
}

// Grow grows.
func (b *Box) Grow(by int) {
\tb.A += by
}

func main() {
\tfmt.Println('{', "}", `{`)
}
"""
RUST = """\
use std::fmt;

#[derive(Debug)]
pub struct Box<'a> {
    a: &'a str,
}

impl<'a> Box<'a> {
    pub fn grow(&mut self) -> u8 {
        b'{'
    }
}

fn main() {
    println!("{}", r#"}"}"#);
}
"""
JAVA = """\
package a.b;

import java.util.List;

/** Doc. */
public class Stats {
    private static final int LIMIT = 10;

    public Stats(int n) {
        this.n = n;
    }

    @Override
    public String toString() {
        return "{" + n;
    }
}
"""
C = """\
#include <stdio.h>
#define N 3

static int
mean(int *xs, int n)
{
    return xs[0];
}

int main(void) {
    printf("%d {", mean(0, N));
    return 0;
}
"""


ONE_C = "#include <stdio.h>\n\nint main(void) { return 0; }\n"
ONE_JS = "import { parse } from './parse.js';\n\nexport const load = (p) => parse(p);\n"
ONE_JS_CHANGED = "-export const load = (p) => parse(p);\n+export const load = (p) => parse(p, 1);"


@pytest.mark.parametrize(
    "path, old, new, changed",
    [
        (
            "a.js",
            SCRIPT,
            "function mean(xs) {\n  return 1;\n}\n",
            '-  return `${xs.map((x) => { return "}"; })}`;\n+  return 1;',
        ),
        (
            "a.js",
            SCRIPT,
            "  async grow(by) {\n    return 1;\n  }\n",
            "-    if (by) {\n-      this.a += by;\n-    }\n+    return 1;",
        ),
        (
            "a.js",
            SCRIPT,
            "class Box {\n  size = 2;\n\n  shrink() {\n    return 2;\n  }\n}\n",
            "-  size = 1;\n+  size = 2;\n+\n+  shrink() {\n+    return 2;\n+  }",
        ),
        (
            "a.ts",
            SCRIPT,
            "import { a, b } from './x.js';\nimport z from 'z';\n\nexport const total = (xs) => 0;\n\nfunction mode(x) {}\n",
            ("-import { a } from './x.js';\n+import { a, b } from './x.js';\n+import z from 'z';\n-export const total = (xs) => {\n-"
            "  return xs.reduce((a, b) => a + b, 0);\n-};\n+export const total = (xs) => 0;\n+\n+function mode(x) {}"),
        ),
        ("a.js", SCRIPT, "const short = (x) => x\n", "-const short = (x) =>\n-  x + 1\n+const short = (x) => x"),
        (
            "a.js",
            SCRIPT,
            'app.get("/", (req, res) => {\n  res.send(2);\n});\n',
            "-  res.send(mean([1]));\n+  res.send(2);",
        ),
        (
            "m.go",
            GO,
            'package main\n\nimport (\n\t"fmt"\n\t"math"\n)\n\nfunc (b *Box) Grow(by int) {\n\tb.A += math.Pi\n}\n',
            '+import "math"\n-\tb.A += by\n+\tb.A += math.Pi',
        ),
        (
            "m.rs",
            RUST,
            "    pub fn grow(&mut self) -> u8 {\n        1\n    }\n",
            "-        b'{'\n+        1",
        ),
        (
            "Stats.java",
            JAVA,
            'public String toString() {\n    return "";\n}\n',
            '-        return "{" + n;\n+        return "";',
        ),
        (
            "a.c",
            C,
            "static int mean(int *xs, int n)\n{\n    return 1;\n}\n",
            "-static int\n-mean(int *xs, int n)\n+static int mean(int *xs, int n)\n-    return xs[0];\n+    return 1;",
        ),
        ("a.c", ONE_C, "int main(void) { return 1; }\n", "-int main(void) { return 0; }\n+int main(void) { return 1; }"),
        (
            "a.go",
            "package main\n\nfunc main() { f(1) }\n",
            "func main() { f(2) }\n",
            "-func main() { f(1) }\n+func main() { f(2) }",
        ),
        ("a.js", ONE_JS, "export const load = (p) => parse(p, 1);\n", ONE_JS_CHANGED),
        (
            "a.js",
            ONE_JS,
            "import fs from 'fs';\n\nexport const load = (p) => parse(p, 1);\n",
            "+import fs from 'fs';\n" + ONE_JS_CHANGED,
        ),
        ("a.jsx", ONE_JS, "export const load = (p) => 1;\n", ONE_JS_CHANGED.replace("parse(p, 1)", "1")),
    ],
)  # fmt: skip
def test_definitions_take_the_place_of_those_in_languages_with_braces(
    path: str, old: str, new: str, changed: str
) -> None:
    assert fit(old, new, path=path) == (True, changed)


@pytest.mark.parametrize(
    "path, old, new, prompt",
    [
        ("a.js", ONE_JS, "export const load = (p) => JSON.parse(p);\n", "use JSON.parse instead of ours"),
        ("a.c", ONE_C, "int main(void) { return 1; }\n", "remove the includes that are not needed"),
        ("a.c", ONE_C, "#include <math.h>\n\nint main(void) { return 0; }\n", "include math.h, not stdio.h"),
    ],
)
def test_imports_that_are_not_needed_may_go(path: str, old: str, new: str, prompt: str) -> None:
    assert fit_contents(path, old, new, prompt, set()).contents == new


@pytest.mark.parametrize(
    "path, old, new",
    [
        ("a.js", SCRIPT, "return 1;\n"),
        ("a.js", SCRIPT, "function mean(xs) {\n  return 1;\n"),
        ("a.js", SCRIPT, "function mean(xs) {\n  // ... existing code ...\n}\n"),
        ("a.js", SCRIPT, "import { c } from './x.js';\n\nfunction mean(xs) {\n  return c;\n}\n"),
        ("a.js", "function f() {}\nfunction f() {}\nfunction g() {}\n", "function f() { return 1; }\n"),
        ("a.go", GO, "x := 1\n"),
        ("a.rb", "def f\n  1\nend\n\ndef g\n  2\nend\n", "def f\n  3\nend\n"),
        ("a.sh", "f() {\n  a\n}\ng() {\n  b\n}\n", "f() {\n  c\n}\n"),
    ],
)
def test_in_other_languages_what_is_not_certain_is_refused(path: str, old: str, new: str) -> None:
    with pytest.raises(ToolError):
        fit(old, new, path=path)


def test_strings_comments_and_patterns_hold_no_brackets() -> None:
    outline = outline_braces(SCRIPT, ".js")
    assert outline
    assert [part.name for part in iter_parts(outline.parts) if part.kind in {"definition", "constant"}] == [
        *("LIMIT", "quote", "mean", "total", "short", "Box", "size", "grow", "make", "exports"),
    ]


@pytest.mark.parametrize("text", ["function f() {\n", "f(]\n", "}\n", "`${`\n{"])
def test_what_does_not_balance_is_not_read(text: str) -> None:
    assert outline_braces(text, ".js") is None
