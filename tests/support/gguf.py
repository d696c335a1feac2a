"""A language model of some 100 kB that llama.cpp loads at once and that says what a test wants.

A llama of one layer which adds nothing, so that the next token depends on the last one alone. The chat template looks
for words in the conversation and ends the prompt with a mark; after a mark comes its answer, one token however long it
is, and then the end. Made by `write_model`, for the tests of the local bot. With `format_call` and ``calls_tools`` it
calls tools in the way of Qwen and Hermes, so that llama.cpp, which learns that from the template, makes real calls of
what it says.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np

_WIDTH = 64
_HEADS = 2
_SPECIAL = ["<unk>", "<s>", "</s>"]
_END = 2
_BYTES = [f"<0x{number:02X}>" for number in range(256)]

ENDLESS = "endless"
"""Asked for this, the model goes on until its context is full."""
_ENDLESS_TOKEN = " la"


_CALLING_TEMPLATE = """\
{%- if tools %}# Tools
<tools>{% for tool in tools %}
{{ tool | tojson }}{% endfor %}
</tools>
A call is a JSON object between marks:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>
{% endif %}
{%- for m in messages %}
{%- if m.role == 'tool' %}
<tool_response>
{{ m.content }}
</tool_response>
{%- else %}
<|im_start|>{{ m.role }}
{{ m.content or '' }}
{%- for call in m.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
<|im_start|>assistant
{%- set ns = namespace(said='only ' + tools[0].function.name if tools and tools|length == 1 else '') %}
{%- for m in messages %}{% if m.role == 'tool' %}{% set ns.said = ns.said + m.content %}{% endif %}{% endfor %}
BRANCHES{%- endif %}"""


def format_call(name: str, arguments: Mapping[str, object]) -> str:
    """Write a call as such a model says it."""
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def write_model(
    path: Path, answers: Mapping[str, str], *, context_tokens: int = 1 << 17, calls_tools: bool = False
) -> Path:
    """Write a model file.

    Args:
        path: where.
        answers: what the model says where the conversation contains the key; the first that fits. Where none does, it
            says what stands under the empty key, or ``ok``.
        context_tokens: what it claims to be trained for.
        calls_tools: whether it knows of tools; the keys are then looked for in the results of its calls only, after
            ``only NAME`` where it is offered a single tool.
    """
    chosen = {ENDLESS: _ENDLESS_TOKEN, "": "ok", **answers}
    marks = [f"<|{number}|>" for number in range(len(chosen))]
    said = [text.replace(" ", "\u2581") for text in chosen.values()]  # as its tokenizer writes a space
    tokens = [*_SPECIAL, *_BYTES, *marks, *said]
    first_mark = len(_SPECIAL) + len(_BYTES)
    first_answer = first_mark + len(marks)
    following = {first_mark + number: first_answer + number for number in range(len(marks))}
    following |= dict.fromkeys(range(first_answer, len(tokens)), _END)
    following[first_answer] = first_answer  # endless

    writer = gguf.GGUFWriter(path, "llama")
    _add_shape(writer, context_tokens)
    _add_vocabulary(writer, tokens, first_mark, first_answer)
    writer.add_chat_template(_make_template(dict(zip(chosen, marks, strict=True)), calls_tools=calls_tools))
    _add_weights(writer, len(tokens), following)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_stuck(path: Path) -> Path:
    """Make a model that never ends to load: a pipe that says what it is and then nothing."""
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=[b"GGUF"], daemon=True).start()
    return path


def _make_template(marks: Mapping[str, str], *, calls_tools: bool) -> str:
    """Write the whole conversation, and at its end the mark of the first key that is found in it."""
    said = "{% set ns = namespace(said='') %}{% for m in messages %}{% set ns.said = ns.said + (m.content or '') %}{% endfor %}"
    branches = "".join(f"{{% elif {key!r} in ns.said %}}{mark}" for key, mark in marks.items() if key)
    branches = f"{{% if false %}}{branches}{{% else %}}{marks['']}{{% endif %}}"
    return _CALLING_TEMPLATE.replace("BRANCHES", branches) if calls_tools else f"{said}{{{{ ns.said }}}}{branches}"


def _add_shape(writer: gguf.GGUFWriter, context_tokens: int) -> None:
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_WIDTH)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)


def _add_vocabulary(writer: gguf.GGUFWriter, tokens: list[str], first_mark: int, first_answer: int) -> None:
    kinds = [gguf.TokenType.NORMAL] * len(tokens)
    kinds[: len(_SPECIAL)] = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds[len(_SPECIAL) : first_mark] = [gguf.TokenType.BYTE] * len(_BYTES)
    kinds[first_mark:first_answer] = [gguf.TokenType.CONTROL] * (first_answer - first_mark)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(_END)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)


def _add_weights(writer: gguf.GGUFWriter, count: int, following: Mapping[int, int]) -> None:
    """Give each token that another one follows a direction of its own, and let that one look for it."""
    embedding = np.zeros((count, _WIDTH), np.float16)
    output = np.zeros((count, _WIDTH), np.float16)
    for direction, (before, after) in enumerate(following.items()):
        embedding[before, direction] = 1
        output[after, direction] = 10  # far above the others, whatever the temperature
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(_WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((_WIDTH, _WIDTH), np.float16))
