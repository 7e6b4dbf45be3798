"""Makes NAME.gguf, NAME.json and NAME.f32 beside this script: families that are read from GGUF files alone, tiny, of random weights in
float16, their tokens, and the logits that Hugging Face Transformers computes with them in float32 on the CPU.
Usage: python3 make_families.py. Needs torch, transformers, gguf; made with transformers 5.24.0, gguf 0.19.0, torch 2.15.0.
"""
import json, os
import gguf, numpy as np, torch, transformers as hf

HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY, HIDDEN, INNER, HEADS, SHARED, SIZE = 260, 32, 48, 4, 2, 16
COMMON = dict(vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=INNER, num_hidden_layers=2, num_attention_heads=HEADS,
              num_key_value_heads=SHARED, head_dim=SIZE, max_position_embeddings=128, tie_word_embeddings=False, bos_token_id=0,
              eos_token_id=1, pad_token_id=1)
WINDOWS = dict(num_hidden_layers=4, sliding_window=8, layer_types=["sliding_attention"] * 3 + ["full_attention"])
NAMES = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "input_layernorm": "attn_norm",
         "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
         "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm",
         "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "mlp.gate": "ffn_gate_inp",
         "mlp.experts.down_proj": "ffn_down_exps", "mlp.shared_experts.gate_proj": "ffn_gate_shexp",
         "mlp.shared_experts.up_proj": "ffn_up_shexp", "mlp.shared_experts.down_proj": "ffn_down_shexp"}
AFTER = {"post_attention_layernorm": "post_attention_norm", "post_feedforward_layernorm": "post_ffw_norm"}
ROUTING = {"expert_count": 4, "expert_used_count": 2, "expert_feed_forward_length": 16, "expert_shared_count": 1,
           "leading_dense_block_count": 1, "expert_weights_norm": True, "expert_weights_scale": 2.5, "expert_gating_func": 2}
FAMILIES = {
    "cohere2": (hf.Cohere2Config, WINDOWS | dict(logit_scale=0.25, tie_word_embeddings=True),
                {"logit_scale": 0.25, "attention.sliding_window": 8, "attention.layer_norm_epsilon": 1e-5}, {}, False),
    "arcee": (hf.ArceeConfig, {}, {}, {}, True),
    "seed_oss": (hf.SeedOssConfig, dict(attention_bias=True, attention_out_bias=False),
                 {}, {"post_attention_layernorm": "post_attention_norm"}, False),
    "ernie4_5": (hf.Ernie4_5Config, {}, {}, {}, False),
    "exaone4": (hf.Exaone4Config, WINDOWS | dict(sliding_window_pattern=4), {"attention.sliding_window": 8}, AFTER, False),
    "dots1": (hf.Dots1Config, dict(n_routed_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, n_shared_experts=1,
              first_k_dense_replace=1, norm_topk_prob=True, routed_scaling_factor=2.5, n_group=1, topk_group=1, sliding_window=None),
              ROUTING, {}, False),
}

def pairs(rows):  # halves of a head's rows side by side
    return rows.view(-1, 2, SIZE // 2, rows.shape[-1]).transpose(1, 2).reshape(rows.shape)

def tensors(model, names, in_pairs):
    for name, p in list(model.named_parameters()) + [b for b in model.named_buffers() if "correction_bias" in b[0]]:
        if name == "lm_head.weight" and model.config.tie_word_embeddings: continue
        parts = name.split(".", 3)
        prefix, rest = (f"blk.{parts[2]}.", parts[3]) if parts[1] == "layers" else ("", name)
        if rest.endswith("correction_bias"):
            yield prefix + "exp_probs_b.bias", p
        elif rest == "mlp.experts.gate_up_proj":
            gate, up = p.chunk(2, 1)
            yield prefix + "ffn_gate_exps.weight", gate
            yield prefix + "ffn_up_exps.weight", up
        else:
            stem, kind = (rest, "weight") if rest.startswith("mlp.experts") else rest.rsplit(".", 1)
            p = pairs(p) if in_pairs and stem.endswith(("q_proj", "k_proj")) else p
            yield f"{prefix}{(NAMES | names)[stem]}.{kind}", p

@torch.no_grad()
def make(name, seed):
    kind, more, keys, names, in_pairs = FAMILIES[name]
    model = hf.AutoModelForCausalLM.from_config(kind(**(COMMON | more)), attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(seed)
    for tensor, p in list(model.named_parameters()) + [b for b in model.named_buffers() if "correction_bias" in b[0]]:
        values = torch.randn(p.shape, generator=generator)
        centre = 1 if "norm" in tensor and tensor.endswith("weight") else 0
        scale = 0.25 if p.dim() == 1 else 1 if "embed" in tensor else 1.5 / p.shape[-1] ** 0.5
        p.copy_((centre + scale * values).half().float())
    writer = gguf.GGUFWriter(f"{HERE}/{name}.gguf", name)
    all_keys = {"block_count": model.config.num_hidden_layers, "context_length": 128, "embedding_length": HIDDEN,
                "feed_forward_length": INNER, "attention.head_count": HEADS, "attention.head_count_kv": SHARED,
                "attention.key_length": SIZE, "attention.value_length": SIZE, "rope.dimension_count": SIZE,
                "attention.layer_norm_rms_epsilon": getattr(model.config, "rms_norm_eps", 1e-5),
                "rope.freq_base": float(model.config.rope_parameters["rope_theta"])} | keys
    for key, value in all_keys.items():
        add = writer.add_bool if isinstance(value, bool) else writer.add_uint32 if isinstance(value, int) else writer.add_float32
        add(f"{name}.{key}", value)
    for tensor, values in tensors(model, names, in_pairs):
        values = values.detach().contiguous().numpy()
        writer.add_tensor(tensor, values.astype(np.float32 if values.ndim == 1 or "gate_inp" in tensor else np.float16))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()
    tokens = torch.randint(2, VOCABULARY, (1, 24), generator=generator)
    json.dump(dict(tokens=tokens[0].tolist()), open(f"{HERE}/{name}.json", "w"))
    model(tokens).logits[0].numpy().astype("<f4").tofile(f"{HERE}/{name}.f32")
    print(name, os.path.getsize(f"{HERE}/{name}.gguf"), "bytes", flush=True)

for seed, name in enumerate(FAMILIES):
    make(name, seed)
