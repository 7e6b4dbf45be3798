"""Makes NAME.gguf, NAME.json and NAME.f32 beside this script: families that Transformers does not have or that llama.cpp is the better
judge of, tiny, of random weights in float16, their tokens, and the logits that llama.cpp computes with the same weights in float32.
Usage: python3 make_with_llama_cpp.py LOGITS [NAME...], where LOGITS is the program that logits.cpp says how to make. Needs gguf and numpy;
made with gguf 0.19.0 and the llama.cpp of llama-cpp-python 0.3.36.
"""
import json, os, subprocess, sys, tempfile, zlib
import gguf, numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY, HIDDEN, INNER, HEADS, SHARED, SIZE, TOKENS = 260, 32, 48, 4, 2, 8, 24
RMS = {"attention.layer_norm_rms_epsilon": 1e-5}
LAYER_NORM = {"attention.layer_norm_epsilon": 1e-5}
ROTARY = {"rope.dimension_count": SIZE, "rope.freq_base": 10000.0}

def attention(heads=HEADS, shared=SHARED, size=SIZE, hidden=HIDDEN, biased=False):
    shapes = {"attn_q.weight": (heads * size, hidden), "attn_k.weight": (shared * size, hidden), "attn_v.weight": (shared * size, hidden),
              "attn_output.weight": (hidden, heads * size)}
    return shapes | ({"attn_q.bias": (heads * size,), "attn_k.bias": (shared * size,), "attn_v.bias": (shared * size,)} if biased else {})

def feed_forward(hidden=HIDDEN, inner=INNER):
    return {"ffn_gate.weight": (inner, hidden), "ffn_up.weight": (inner, hidden), "ffn_down.weight": (hidden, inner)}

def norms(*stems, hidden=HIDDEN, shifted=False):
    return {f"{stem}.{kind}": (hidden,) for stem in stems for kind in (("weight", "bias") if shifted else ("weight",))}

def ends(hidden=HIDDEN, tied=False, norm=True, shifted=False):
    shapes = {"token_embd.weight": (VOCABULARY, hidden)} | (norms("output_norm", hidden=hidden, shifted=shifted) if norm else {})
    return shapes if tied else shapes | {"output.weight": (VOCABULARY, hidden)}

def gains(heads=HEADS, shared=SHARED, size=SIZE):
    return {"attn_q_norm.weight": (heads, size), "attn_k_norm.weight": (shared, size)}

def fused(shared=SHARED, biased=False):
    rows = (HEADS + 2 * shared) * SIZE
    return ({"attn_qkv.weight": (rows, HIDDEN), "attn_output.weight": (HIDDEN, HEADS * SIZE)} | ({"attn_qkv.bias": (rows,)} if biased else {}))

def experts(count, inner, shared=0):
    shapes = {"ffn_gate_inp.weight": (count, HIDDEN), "ffn_gate_exps.weight": (count, inner, HIDDEN), "ffn_up_exps.weight": (count, inner, HIDDEN),
              "ffn_down_exps.weight": (count, HIDDEN, inner)}
    return shapes | ({f"ffn_{stem}_shexp.weight": shape for stem, shape in {"gate": (shared, HIDDEN), "up": (shared, HIDDEN),
                      "down": (HIDDEN, shared)}.items()} if shared else {})

def narrow(heads, size):  # families that are told by many layers
    return {"embedding_length": heads * size, "feed_forward_length": 8, "attention.head_count": heads, "attention.head_count_kv": heads}

# name: architecture, layers, keys, tensors of a layer by its number, other tensors
FAMILIES = {
    "stablelm-heads": ("stablelm", 2, LAYER_NORM | ROTARY | {"use_parallel_residual": True, "rope.dimension_count": 4},
                       lambda i: norms("attn_norm", shifted=True) | attention() | gains() | feed_forward(), ends(shifted=True)),
    "command-r-heads": ("command-r", 64, LAYER_NORM | {"logit_scale": 0.25, "embedding_length": 16, "feed_forward_length": 8,
                        "attention.head_count": 2, "attention.head_count_kv": 1, "rope.dimension_count": 8, "rope.freq_base": 10000.0},
                        lambda i: norms("attn_norm", hidden=16) | attention(2, 1, 8, 16) | gains(2, 1, 8) | feed_forward(16, 8),
                        ends(16, tied=True)),
}

FAMILIES |= {
    "hunyuan-dense": ("hunyuan-dense", 2, RMS | ROTARY,
                      lambda i: norms("attn_norm", "ffn_norm") | attention() | norms("attn_q_norm", "attn_k_norm", hidden=SIZE) | feed_forward(),
                      ends(tied=True)),
    "olmo": ("olmo", 2, LAYER_NORM | ROTARY | {"attention.clamp_kqv": 1.5}, lambda i: attention() | feed_forward(), ends(norm=False)),
    "xverse": ("xverse", 2, RMS | ROTARY, lambda i: norms("attn_norm", "ffn_norm") | attention() | feed_forward(), ends()),
    "orion": ("orion", 2, LAYER_NORM | ROTARY, lambda i: norms("attn_norm", "ffn_norm", shifted=True) | attention() | feed_forward(),
              ends(shifted=True)),
    "baichuan-7b": ("baichuan", 32, RMS | narrow(2, 4) | {"rope.dimension_count": 4, "rope.freq_base": 10000.0},
                    lambda i: norms("attn_norm", "ffn_norm", hidden=8) | attention(2, 2, 4, 8) | feed_forward(8, 8), ends(8)),
    "baichuan-13b": ("baichuan", 40, RMS | narrow(3, 4) | {"rope.dimension_count": 4},
                     lambda i: norms("attn_norm", "ffn_norm", hidden=12) | attention(3, 3, 4, 12) | feed_forward(12, 8), ends(12)),
    "mpt": ("mpt", 2, LAYER_NORM | {"attention.max_alibi_bias": 8.0, "attention.clamp_kqv": 1.5},
            lambda i: norms("attn_norm", "ffn_norm") | fused() | {"ffn_up.weight": (INNER, HIDDEN), "ffn_down.weight": (HIDDEN, INNER)},
            ends(tied=True)),
    "chatglm": ("chatglm", 2, RMS | {"rope.dimension_count": 4, "rope.freq_base": 10000.0},
                lambda i: norms("attn_norm", "ffn_norm") | fused(biased=True) | {"ffn_up.weight": (2 * INNER, HIDDEN), "ffn_down.weight": (HIDDEN, INNER)},
                ends()),
    "deepseek": ("deepseek", 3, RMS | ROTARY | {"leading_dense_block_count": 1, "expert_count": 6, "expert_used_count": 2,
                 "expert_feed_forward_length": 16, "expert_shared_count": 2, "expert_weights_scale": 1.0},
                 lambda i: norms("attn_norm", "ffn_norm") | attention() | (experts(6, 16, 32) if i else feed_forward()), ends()),
}

def glm4_moe(i, layers):  # the layer behind the last predicts a second token, which neither engine is asked for
    behind = {"nextn.eh_proj.weight": (HIDDEN, 2 * HIDDEN)} | norms("nextn.enorm", "nextn.hnorm", "nextn.shared_head_norm")
    return (norms("attn_norm", "post_attention_norm") | attention(biased=True) | (
            experts(6, 16, 16) | {"exp_probs_b.bias": (6,)} if i else feed_forward()) | (behind if i == layers else {}))

SIGMOIDS = {"rope.dimension_count": 4, "rope.freq_base": 10000.0, "leading_dense_block_count": 1, "expert_count": 6, "expert_used_count": 2,
            "expert_feed_forward_length": 16, "expert_shared_count": 1, "expert_gating_func": 2, "expert_weights_norm": True,
            "expert_weights_scale": 2.5}

FAMILIES |= {
    "glm4moe": ("glm4moe", 3, RMS | SIGMOIDS | {"nextn_predict_layers": 1}, lambda i: glm4_moe(i, 2), ends()),
    "glm4moe-heads": ("glm4moe", 2, RMS | SIGMOIDS, lambda i: glm4_moe(i, 2) | norms("attn_q_norm", "attn_k_norm", hidden=SIZE), ends()),
    "qwen": ("qwen", 2, RMS | ROTARY | {"attention.head_count_kv": HEADS, "feed_forward_length": 2 * INNER},  # gate and up together
             lambda i: norms("attn_norm", "ffn_norm") | fused(HEADS, biased=True) | feed_forward(), ends()),
    "plamo": ("plamo", 2, RMS | ROTARY, lambda i: norms("attn_norm") | attention() | feed_forward(), ends()),
    "apertus": ("apertus", 2, RMS | ROTARY | {"xielu.alpha_p": [0.25, -0.5], "xielu.alpha_n": [-0.75, 0.5], "xielu.beta": 0.5, "xielu.eps": -1e-6},
                lambda i: norms("attn_norm", "ffn_norm") | attention() | norms("attn_q_norm", "attn_k_norm", hidden=SIZE)
                | {"ffn_up.weight": (INNER, HIDDEN), "ffn_down.weight": (HIDDEN, INNER)}, ends()),
    "bitnet": ("bitnet", 2, RMS | ROTARY, lambda i: norms("attn_norm", "ffn_norm", "attn_sub_norm") | norms("ffn_sub_norm", hidden=INNER)
               | attention() | feed_forward(), ends(tied=True)),
}

HEAD_NORMS = norms("attn_q_norm", "attn_k_norm", hidden=SIZE)
CHOICE = {"expert_count": 6, "expert_used_count": 2, "expert_feed_forward_length": 16}

FAMILIES |= {
    "qwen2vl": ("qwen2vl", 2, RMS | ROTARY | {"rope.dimension_sections": [1, 1, 2, 0]},
                lambda i: norms("attn_norm", "ffn_norm") | attention(biased=True) | feed_forward(), ends()),
    "qwen3vl": ("qwen3vl", 2, RMS | ROTARY | {"rope.dimension_sections": [2, 1, 1, 0], "n_deepstack_layers": 1},
                lambda i: norms("attn_norm", "ffn_norm") | attention() | HEAD_NORMS | feed_forward(), ends(tied=True)),
    "qwen3vlmoe": ("qwen3vlmoe", 2, RMS | ROTARY | CHOICE | {"rope.dimension_sections": [2, 1, 1, 0], "n_deepstack_layers": 1},
                   lambda i: norms("attn_norm", "ffn_norm") | attention() | HEAD_NORMS | experts(6, 16), ends()),
    "glm4-sections": ("glm4", 2, RMS | {"rope.dimension_count": 4, "rope.freq_base": 10000.0, "rope.dimension_sections": [1, 1, 0, 0]},
                      lambda i: norms("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm") | attention(biased=True)
                      | {"ffn_up.weight": (2 * INNER, HIDDEN), "ffn_down.weight": (HIDDEN, INNER)}, ends()),
}

def llama4(i):  # the last of each four layers does not rotate, every other one has experts
    return norms("attn_norm", "ffn_norm") | attention() | (experts(6, 16, 16) if i % 2 else feed_forward())

FAMILIES |= {
    "llama4": ("llama4", 4, RMS | ROTARY | CHOICE | {"interleave_moe_layer_step": 2}, llama4, ends()),
}

def windows_moe(i):
    return norms("attn_norm", "ffn_norm") | attention() | HEAD_NORMS | (experts(6, 16, 16) | {"exp_probs_b.bias": (6,)} if i else feed_forward())

def biased_norms(*stems):
    return norms(*stems, shifted=True)

def in_and_out():  # a feed-forward part without a gate, biased
    return {"ffn_up.weight": (INNER, HIDDEN), "ffn_up.bias": (INNER,), "ffn_down.weight": (HIDDEN, INNER), "ffn_down.bias": (HIDDEN,)}

def growing(i):  # later layers have more heads and channels
    heads, shared = (2, 1) if i == 0 else (4, 2)
    rows = (heads + 2 * shared) * SIZE
    return (norms("attn_norm", "ffn_norm") | HEAD_NORMS | {"attn_qkv.weight": (rows, HIDDEN), "attn_output.weight": (HIDDEN, heads * SIZE)}
            | feed_forward(inner=[32, 48][i]))

FAMILIES |= {
    "hunyuan-moe": ("hunyuan-moe", 2, RMS | ROTARY | CHOICE | {"feed_forward_length": 16, "expert_shared_feed_forward_length": 24},
                    lambda i: norms("attn_norm", "ffn_norm") | attention() | HEAD_NORMS | experts(6, 16, 24), ends(tied=True)),
    "minimax-m2": ("minimax-m2", 2, RMS | CHOICE | {"feed_forward_length": 16, "rope.dimension_count": 4, "rope.freq_base": 10000.0,
                   "expert_gating_func": 2},
                   lambda i: norms("attn_norm", "ffn_norm") | attention() | norms("attn_q_norm", hidden=HEADS * SIZE)
                   | norms("attn_k_norm", hidden=SHARED * SIZE) | experts(6, 16) | {"exp_probs_b.bias": (6,)}, ends()),
    "bailingmoe": ("bailingmoe", 2, RMS | ROTARY | CHOICE | {"leading_dense_block_count": 0, "expert_shared_count": 2,
                   "expert_weights_scale": 1.0, "expert_weights_norm": True},
                   lambda i: norms("attn_norm", "ffn_norm") | attention() | experts(6, 16, 32), ends()),
    "bailingmoe2": ("bailingmoe2", 2, RMS | SIGMOIDS | {"expert_count": 8, "expert_group_count": 4, "expert_group_used_count": 2},
                    lambda i: norms("attn_norm", "ffn_norm") | fused() | HEAD_NORMS
                    | (experts(8, 16, 16) | {"exp_probs_b.bias": (8,)} if i else feed_forward()), ends()),
    "exaone-moe": ("exaone-moe", 4, RMS | SIGMOIDS | ROTARY | {"attention.sliding_window": 6, "expert_shared_feed_forward_length": 16},
                   windows_moe, ends()),
    "dbrx": ("dbrx", 2, LAYER_NORM | ROTARY | {"attention.clamp_kqv": 1.5, "expert_count": 6, "expert_used_count": 2,
             "feed_forward_length": 16}, lambda i: norms("attn_norm", "attn_output_norm") | fused() | experts(6, 16), ends()),
    "refact": ("refact", 2, RMS | {"attention.head_count_kv": 1}, lambda i: norms("attn_norm", "ffn_norm") | attention(shared=1) | feed_forward(),
               ends()),
    "codeshell": ("codeshell", 2, LAYER_NORM | ROTARY, lambda i: biased_norms("attn_norm", "ffn_norm") | fused(biased=True)
                  | {"attn_output.bias": (HIDDEN,)} | in_and_out(), ends(shifted=True)),
    "jais": ("jais", 2, LAYER_NORM | {"attention.max_alibi_bias": 8.0, "attention.head_count_kv": HEADS},
             lambda i: biased_norms("attn_norm", "ffn_norm") | fused(HEADS, biased=True) | {"attn_output.bias": (HIDDEN,)} | in_and_out()
             | {"ffn_gate.weight": (INNER, HIDDEN), "ffn_gate.bias": (INNER,)}, ends(shifted=True)),
    "jais2": ("jais2", 2, LAYER_NORM | ROTARY, lambda i: biased_norms("attn_norm", "ffn_norm") | attention(biased=True)
              | {"attn_output.bias": (HIDDEN,)} | in_and_out(), ends(shifted=True)),
    "maincoder": ("maincoder", 2, RMS | ROTARY, lambda i: norms("attn_norm", "ffn_norm") | attention() | HEAD_NORMS | feed_forward(),
                  ends(tied=True)),
    "openelm": ("openelm", 2, RMS | ROTARY | {"attention.head_count": [2, 4], "attention.head_count_kv": [1, 2], "feed_forward_length": [32, 48],
                "attention.key_length": SIZE, "attention.value_length": SIZE}, growing, ends(tied=True)),
    "pangu-embedded": ("pangu-embedded", 2, RMS | ROTARY, lambda i: norms("attn_norm", "ffn_norm") | attention(biased=True)
                       | {"attn_output.bias": (HIDDEN,)} | feed_forward(), ends()),
}

def write(path, architecture, keys, tensors, half):
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_string("tokenizer.ggml.model", "none")
    for key, value in keys.items():
        add = (writer.add_bool if isinstance(value, bool) else writer.add_uint32 if isinstance(value, int)
               else writer.add_array if isinstance(value, list) else writer.add_float32)
        add(key if key.startswith("xielu") else f"{architecture}.{key}", value)
    for name, values in tensors.items():
        plain = values.ndim == 1 or "norm" in name or "gate_inp" in name
        writer.add_tensor(name, values.astype(np.float32 if plain or not half else np.float16))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()

def make(program, name):
    architecture, layers, more, layer, shapes = FAMILIES[name]
    random = np.random.default_rng(zlib.crc32(name.encode()))
    keys = {"block_count": layers, "context_length": 128, "vocab_size": VOCABULARY, "embedding_length": HIDDEN, "feed_forward_length": INNER,
            "attention.head_count": HEADS, "attention.head_count_kv": SHARED} | more
    shapes = dict(shapes) | {f"blk.{i}.{tensor}": shape for i in range(layers) for tensor, shape in layer(i).items()}
    tensors = {}
    for tensor, shape in shapes.items():
        centre = 1 if "norm" in tensor and tensor.endswith("weight") else 0
        scale = 0.25 if len(shape) == 1 or centre else 1 if "embd" in tensor else 1.5 / shape[-1] ** 0.5
        tensors[tensor] = (centre + scale * random.standard_normal(shape)).astype(np.float16)
    write(f"{HERE}/{name}.gguf", architecture, keys, tensors, True)
    tokens = random.integers(2, VOCABULARY, TOKENS).tolist()
    json.dump(dict(tokens=tokens), open(f"{HERE}/{name}.json", "w"))
    with tempfile.NamedTemporaryFile(suffix=".gguf") as plain:
        write(plain.name, architecture, keys, tensors, False)
        subprocess.run([program, plain.name, f"{HERE}/{name}.f32", *map(str, tokens)], check=True)
    print(name, os.path.getsize(f"{HERE}/{name}.gguf"), "bytes", flush=True)

for name in sys.argv[2:] or FAMILIES:
    make(os.path.abspath(sys.argv[1]), name)
