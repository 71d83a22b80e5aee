"""Serves a LeRobot checkpoint without pickles; run it in LeRobot's environment: python -m policies.remote.serve_lerobot DIR.

That environment needs msgpack and websockets besides lerobot, and this package (`pip install --no-deps simbridge`).
Written against the sources of lerobot 0.6.1; not run against a real checkpoint here.
"""

import argparse
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from policies.remote.serving import Infer, listening


def infer_with(policy: Any, before: Any, after: Any, device: Any) -> Infer:
    """The function from an observation in a LeRobot dataset's names to {"actions": (n, k) float32}.

    `policy` has predict_action_chunk, `before` and `after` are its processors; pictures are uint8 (H,W,3).
    """
    import torch

    def infer(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        batch: dict[str, Any] = {"task": str(asked.get("task", ""))}
        for name, value in asked.items():
            if isinstance(value, np.ndarray):
                tensor = torch.from_numpy(value)
                if tensor.dtype == torch.uint8 and tensor.ndim == 3:
                    tensor = (tensor.float() / 255).permute(2, 0, 1).contiguous()
                batch[name] = tensor.unsqueeze(0).to(device)
        with torch.inference_mode():
            actions = policy.predict_action_chunk(before(batch))  # (1, n, k)
            steps = [after(actions[:, i]) for i in range(actions.shape[1])]
        return {"actions": torch.cat(steps).float().cpu().numpy()}

    return infer


def main() -> None:
    """Loads a checkpoint and serves it until it is interrupted."""
    parser = argparse.ArgumentParser(description="Serves a LeRobot checkpoint without pickles.")
    parser.add_argument("checkpoint", help="folder or repository of the checkpoint")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    given = parser.parse_args()
    import torch
    from lerobot.configs import PreTrainedConfig
    from lerobot.policies import get_policy_class, make_pre_post_processors

    device = torch.device(given.device)
    config = PreTrainedConfig.from_pretrained(given.checkpoint)
    policy = get_policy_class(config.type).from_pretrained(given.checkpoint)
    policy.to(device).eval()
    before, after = make_pre_post_processors(
        policy.config,
        pretrained_path=given.checkpoint,
        preprocessor_overrides={"device_processor": {"device": given.device}},
        postprocessor_overrides={"device_processor": {"device": "cpu"}},
    )
    with listening(
        infer_with(policy, before, after, device),
        host=given.host,
        port=given.port,
        metadata={"policy": config.type, "checkpoint": given.checkpoint},
        on_begin=policy.reset,
        api_key=os.environ.get("LEROBOT_API_KEY", ""),
    ) as server:
        print(f"ws://{given.host}:{server.socket.getsockname()[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
