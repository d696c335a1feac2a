"""A model's server that several runs wait for at the same time."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from git_draft.bots.llama import Answer
from git_draft.bots.serving import ModelFile, ModelServer, Served


def test_all_who_wait_are_told(tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(Answer("http://x", 100).format())
    command = ["sh", "-c", 'sleep 0.3; cat "$0"', str(tmp_path / "answer")]

    async def wait(process: subprocess.Popen[bytes]) -> list[Served]:
        server = ModelServer(ModelFile("m", tmp_path, 100), "key", process, None, 0)
        return await asyncio.gather(*(server.wait_until_ready(5) for _ in range(3)))

    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        assert asyncio.run(wait(process)) == [Served("http://x/v1", "key", 100)] * 3
