"""What turns a goal and a worktree into changes: built-in bots, and the finding of others.

`registry.py` finds a bot by name, `openai.py` is a built-in one, and `local.py` is the same with a model on this machine
(`serving.py`, `llama.py`); they stand on `loop.py` (turns and limits),
`replies.py` (what a model said), `stream.py` (how it arrived) and `retry.py` (what to do when it did not). The openai
package is imported within functions only, since it takes a second to load.
"""
