"""Which files run code once they are in a working directory: build files, hooks, settings of CI and editors.

A table of names, as data. That such a file is changed is no fault; the user is told, since a look at it is worth more
than at others. Called by the drafter.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath

_NAMES = """
    .gitattributes .gitmodules .envrc .exrc .vimrc .lvimrc .nvim.lua .nvimrc .dir-locals.el .gdbinit .lldbinit
    makefile gnumakefile bsdmakefile *.mk *.mak configure configure.ac cmakelists.txt *.cmake cmakepresets.json meson.build
    sconstruct sconscript wscript build.ninja justfile .justfile taskfile.yml taskfile.yaml build.xml
    setup.py setup.cfg pyproject.toml conftest.py tox.ini noxfile.py fabfile.py pytest.ini sitecustomize.py usercustomize.py *.pth
    package.json .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs binding.gyp deno.json deno.jsonc
    gulpfile.* gruntfile.* *.config.js *.config.cjs *.config.mjs *.config.ts .eslintrc.js .eslintrc.cjs .prettierrc.js .babelrc.js
    rakefile gemfile *.gemspec *.podspec podfile vagrantfile guardfile composer.json
    build.gradle build.gradle.kts settings.gradle settings.gradle.kts gradlew gradlew.bat pom.xml mvnw mvnw.cmd build.sbt
    build.rs cargo.toml package.swift mix.exs rebar.config dune-project
    *.csproj *.fsproj *.vbproj *.vcxproj *.sln directory.build.props directory.build.targets *.targets
    build build.bazel workspace workspace.bazel module.bazel *.bzl .bazelrc
    flake.nix shell.nix default.nix .tool-versions mise.toml .mise.toml
    dockerfile *.dockerfile dockerfile.* containerfile docker-compose*.yml docker-compose*.yaml compose.yml compose.yaml procfile
    jenkinsfile .gitlab-ci.yml .travis.yml appveyor.yml .appveyor.yml azure-pipelines*.yml bitbucket-pipelines.yml .drone.yml
    .woodpecker.yml .cirrus.yml cloudbuild.yaml cloudbuild.yml buildspec.yml action.yml action.yaml
    .pre-commit-config.yaml .pre-commit-hooks.yaml lefthook.yml lefthook.yaml .lintstagedrc.js .devcontainer.json
    *.bat *.cmd *.ps1 *.sh *.bash *.zsh *.fish *.command
"""
_FOLDERS = """
    .github/workflows .github/actions .gitlab .circleci .azure-pipelines .woodpecker .buildkite .semaphore .teamcity .ci
    .husky .githooks .devcontainer .idea/runconfigurations .run .mvn .cargo .vscode .zed .yarn debian
"""


def _translate(name: str) -> str:
    return "".join("[^/]*" if each == "*" else re.escape(each) for each in name)


@cache  # most commands never ask
def _compile() -> re.Pattern[str]:
    # case does not matter: on some systems it does not for the programs that read them
    return re.compile(
        rf"(?:.*/)?(?:{'|'.join(map(_translate, _NAMES.split()))}|(?:{'|'.join(map(re.escape, _FOLDERS.split()))})/.*)",
        re.IGNORECASE | re.DOTALL,
    )


def is_runnable(path: PurePosixPath) -> bool:
    """Tell whether a file of that name is run, or tells a program what to run."""
    return _compile().fullmatch(str(path)) is not None
