"""`transformers serve` that follows `response_format`: its generation is held to the schema, token by token.

The server of transformers takes response_format and leaves it alone. Here its own generation is given a logits processor
(llguidance) for the schema of the request. `python -m tests.policies.schema_serve DIR` makes a tiny model in DIR, serves it
on a free port, and ends when its stdin does.
"""

import functools
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from policies.chat.prompt import system
from policies.verbs import usage
from tests.policies.seen import seen
from tests.policies.tiny_model import make


def main() -> None:
    import llguidance
    import llguidance.hf
    import llguidance.torch as masks
    from transformers import GenerationMixin, LogitsProcessor, LogitsProcessorList
    from transformers.cli import transformers as command
    from transformers.cli.serving.chat_completion import ChatCompletionHandler

    class Held(LogitsProcessor):
        """Lets through the tokens by which a text can still become what a grammar describes."""

        def __init__(self, tokenizer: Any, grammar: str) -> None:
            self.matcher = llguidance.LLMatcher(tokenizer, grammar)
            self.mask = masks.allocate_token_bitmask(1, tokenizer.vocab_size)
            self.has_begun = False

        def __call__(self, input_ids: Any, scores: Any) -> Any:
            if self.has_begun:
                self.matcher.consume_token(int(input_ids[0, -1]))
            self.has_begun = True
            masks.fill_next_token_bitmask(self.matcher, self.mask, 0)
            masks.apply_token_bitmask_inplace(scores, self.mask)
            return scores

    tokenizer_of = functools.cache(llguidance.hf.from_tokenizer)
    build, generate = ChatCompletionHandler._build_generation_config, GenerationMixin.generate

    def build_with_grammar(self: Any, body: dict[str, Any], *args: Any, **more: Any) -> Any:
        config = build(self, body, *args, **more)
        asked = body.get("response_format") or {}
        if asked.get("type") == "json_schema":
            schema = asked["json_schema"]["schema"] | {"x-guidance": {"whitespace_flexible": False}}
            config.grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(schema))
        return config

    def generate_held(self: Any, *args: Any, **more: Any) -> Any:
        grammar = vars(more["generation_config"]).pop("grammar", "")
        if grammar:
            held = Held(tokenizer_of(more["tokenizer"]), grammar)
            more["logits_processor"] = LogitsProcessorList([held])
        return generate(self, *args, **more)

    ChatCompletionHandler._build_generation_config = build_with_grammar
    GenerationMixin.generate = generate_held
    folder = sys.argv[1]
    make(Path(folder), [system(seen(), usage(seen()), instruction="Earn as much as you can.")])
    threading.Thread(target=end_with_stdin, daemon=True).start()
    sys.argv[1:] = ["serve", folder, "--host", "127.0.0.1", "--port", "0", "--device", "cpu"]
    command.app()


def end_with_stdin() -> None:
    """Ends the process when whoever started it has gone."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
