#!/usr/bin/env python3
"""Records, in mixture.json, what transformers' mixtures of experts give, with gradients.

Run by hand: python make_mixture.py. Made with transformers 5.23.0, torch 2.13.0.
The routed part of a layer alone: the shared experts of DeepSeek-V3 are an ordinary feed-forward.
"""

import json
from pathlib import Path

import torch
from transformers import DeepseekV3Config, MixtralConfig, Qwen3MoeConfig
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3Experts, DeepseekV3TopkRouter
from transformers.models.mixtral.modeling_mixtral import MixtralExperts, MixtralTopKRouter
from transformers.models.qwen3_moe.modeling_qwen3_moe import Qwen3MoeExperts, Qwen3MoeTopKRouter

ROWS, WIDTH, FEED_FORWARD, EXPERTS = 7, 4, 3, 8


def mixtral():
    config = MixtralConfig(
        hidden_size=WIDTH, intermediate_size=FEED_FORWARD, num_local_experts=EXPERTS, num_experts_per_tok=2
    )
    routing = {"chosen": 2, "score": "softmax", "normalize": True}
    return routing, MixtralTopKRouter(config), MixtralExperts(config)


def qwen3_moe(normalize):
    config = Qwen3MoeConfig(
        hidden_size=WIDTH, moe_intermediate_size=FEED_FORWARD, num_experts=EXPERTS, num_experts_per_tok=3,
        norm_topk_prob=normalize,
    )  # fmt: skip
    routing = {"chosen": 3, "score": "softmax", "normalize": normalize}
    return routing, Qwen3MoeTopKRouter(config), Qwen3MoeExperts(config)


def deepseek_v3(normalize):
    config = DeepseekV3Config(
        hidden_size=WIDTH, moe_intermediate_size=FEED_FORWARD, n_routed_experts=EXPERTS, num_experts_per_tok=3,
        n_group=4, topk_group=2, norm_topk_prob=normalize, routed_scaling_factor=2.5,
    )  # fmt: skip
    routing = {
        "chosen": 3, "score": "sigmoid", "normalize": normalize, "groups": 4, "chosen_groups": 2, "scale": 2.5,
    }  # fmt: skip
    return routing, DeepseekV3TopkRouter(config), DeepseekV3Experts(config)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def case(name, routing, router, experts):
    for parameter in [*router.parameters(), *experts.parameters()]:
        torch.nn.init.normal_(parameter, std=0.7)
    if hasattr(router, "e_score_correction_bias"):
        torch.nn.init.normal_(router.e_score_correction_bias, std=0.3)
    x = torch.randn(ROWS, WIDTH, requires_grad=True)
    y_gradient = torch.randn(ROWS, WIDTH)
    _, weights, chosen = router(x)
    y = experts(x, chosen, weights)
    y.backward(y_gradient)
    chosen, order = chosen.sort(dim=-1)
    bias = getattr(router, "e_score_correction_bias", None)
    return {
        "name": name,
        "routing": routing,
        "router": numbers(router.weight),
        "choice_bias": [] if bias is None else numbers(bias),
        "in": numbers(experts.gate_up_proj),
        "out": numbers(experts.down_proj),
        "x": numbers(x),
        "y_gradient": numbers(y_gradient),
        "experts": chosen.flatten().tolist(),
        "weights": numbers(weights.gather(1, order)),
        "y": numbers(y),
        "x_gradient": numbers(x.grad),
        "router_gradient": numbers(router.weight.grad),
        "in_gradient": numbers(experts.gate_up_proj.grad),
        "out_gradient": numbers(experts.down_proj.grad),
    }


def main():
    torch.manual_seed(3)
    cases = [
        case("mixtral", *mixtral()),
        case("qwen3_moe", *qwen3_moe(False)),
        case("qwen3_moe, normalised", *qwen3_moe(True)),
        case("deepseek_v3", *deepseek_v3(False)),
        case("deepseek_v3, normalised", *deepseek_v3(True)),
    ]
    sizes = {"rows": ROWS, "width": WIDTH, "feed_forward": FEED_FORWARD, "experts": EXPERTS}
    lines = ",\n".join(json.dumps(each) for each in cases)
    text = f'{{"sizes": {json.dumps(sizes)}, "cases": [\n{lines}\n]}}\n'
    Path(__file__).with_name("mixture.json").write_text(text)


if __name__ == "__main__":
    main()
