"""Which files run code, or tell a program what to run."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from git_draft.runnable import is_runnable


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".gitattributes",
            "sub/.gitattributes",
            ".gitmodules",
            ".github/workflows/ci.yml",
            ".gitlab-ci.yml",
            "Jenkinsfile",
        ),
        *(
            ".vscode/tasks.json",
            "app/.vscode/settings.json",
            ".idea/runConfigurations/all.xml",
            ".devcontainer/post.sh",
        ),
        *(
            "Makefile",
            "makefile",
            "lib/Makefile",
            "rules.mk",
            "CMakeLists.txt",
            "justfile",
            "Rakefile",
            "build.gradle.kts",
        ),
        *(
            "setup.py",
            "pyproject.toml",
            "tests/conftest.py",
            "tox.ini",
            "evil.pth",
            "package.json",
            "web/package.json",
            ".npmrc",
        ),
        *(
            "vite.config.ts",
            "build.rs",
            "Cargo.toml",
            ".cargo/config.toml",
            "Dockerfile",
            "Dockerfile.dev",
            "dev.dockerfile",
        ),
        *(
            ".envrc",
            ".husky/pre-commit",
            ".pre-commit-config.yaml",
            "tools/run.sh",
            "azure-pipelines-nightly.yml",
            "BUILD",
        ),
        *(".GITHUB/Workflows/x.yml", "PACKAGE.JSON", "new\nline/Makefile"),
    ],
)
def test_it_runs(path: str) -> None:
    assert is_runnable(PurePosixPath(path))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "README.md",
            "src/app.py",
            "docs/Makefile.md",
            "package.json.md",
            "my-package.json",
            "workflows/ci.yml",
            ".github/CODEOWNERS",
        ),
        *(
            "setup_py.txt",
            "builder.py",
            "shell.py",
            "vscode/tasks.json",
            "xMakefile",
            "conftest.pyc",
            "path.pthx",
            "a.sh/b.txt",
        ),
    ],
)
def test_it_does_not(path: str) -> None:
    assert not is_runnable(PurePosixPath(path))
