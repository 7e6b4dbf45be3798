"""Makes gemma-embedding, jina-bert-v2, jina-bert-v3 and eurobert.gguf of random weights in float16 with the vectors that torch computes with
them in float32 on the CPU: NAME.json has the tokens, NAME.f32 the vectors. Usage: python3 make_encoders.py

Needs torch, transformers, gguf; made with transformers 5.24.0, gguf 0.19.0, torch 2.15.0. EmbeddingGemma is Transformers' own model with
two dense layers behind the mean. Jina Embeddings 2 is not in Transformers: its equations (arXiv 2310.19923, section 4, and 2108.12409 for
the distances) are written out here, as are those of Jina Embeddings 3 (2409.10173) and EuroBERT (2503.05500).
"""
import json, math, os
import gguf, numpy as np, torch, transformers as hf
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY, HIDDEN, INNER, LAYERS, HEADS = 260, 32, 48, 2, 4
generator = torch.Generator().manual_seed(5)

def texts(): return [torch.randint(4, VOCABULARY, (n,), generator=generator) for n in (1, 2, 9, 30, 61)]
def rounded(values): return values.half().float()
def matrix(*shape): return rounded(torch.randn(shape, generator=generator) * 1.5 / shape[-1] ** 0.5)
def vector(size, centre=0.0): return rounded(centre + 0.25 * torch.randn(size, generator=generator))

def write(name, keys, tensors, tokens, vectors):
    writer = gguf.GGUFWriter(f"{HERE}/{name}.gguf", name)
    for key, value in keys.items():
        add = writer.add_bool if isinstance(value, bool) else writer.add_uint32 if isinstance(value, int) else writer.add_float32
        add(key if key.startswith("tokenizer") else f"{name}.{key}", value)
    for tensor, values in tensors.items():
        values = values.detach().numpy()
        writer.add_tensor(tensor, values.astype(np.float16) if values.ndim > 1 else values.astype(np.float32))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()
    json.dump(dict(tokens=[t.tolist() for t in tokens]), open(f"{HERE}/{name}.json", "w"))
    torch.stack(vectors).numpy().astype("<f4").tofile(f"{HERE}/{name}.f32")
    print(name, os.path.getsize(f"{HERE}/{name}.gguf"), "bytes")

@torch.no_grad()
def gemma():
    config = hf.Gemma3TextConfig(vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=INNER, num_hidden_layers=LAYERS,
                                 num_attention_heads=HEADS, num_key_value_heads=2, head_dim=16, query_pre_attn_scalar=16,
                                 max_position_embeddings=128, sliding_window=8, use_bidirectional_attention=True,
                                 layer_types=["sliding_attention", "full_attention"], attn_implementation="eager")
    model = hf.Gemma3TextModel(config).eval()
    for name, p in model.named_parameters():
        p.data = vector(p.shape[0]) if p.dim() == 1 else matrix(*p.shape) * (1 if "embed" not in name else 1)
    dense = matrix(64, HIDDEN), matrix(HIDDEN, 64)
    names = {"embed_tokens": "token_embd", "norm": "output_norm", "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q",
             "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
             "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "post_attention_norm",
             "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm", "mlp.gate_proj": "ffn_gate",
             "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    tensors = {"dense_2.weight": dense[0], "dense_3.weight": dense[1]}
    for name, p in model.named_parameters():
        parts = name.removesuffix(".weight").split(".", 2)
        stem = f"blk.{parts[1]}.{names[parts[2]]}" if parts[0] == "layers" else names[parts[0]]
        tensors[stem + ".weight"] = p + 1 if p.dim() == 1 else p
    keys = {"block_count": LAYERS, "context_length": 128, "embedding_length": HIDDEN, "feed_forward_length": INNER,
            "attention.head_count": HEADS, "attention.head_count_kv": 2, "attention.key_length": 16, "attention.value_length": 16,
            "attention.layer_norm_rms_epsilon": 1e-6, "rope.freq_base": 1e6, "attention.sliding_window": 8,
            "attention.sliding_window_pattern": 2, "pooling_type": 1}
    tokens = texts()
    rows = [model(t[None]).last_hidden_state[0].mean(0) for t in tokens]
    write("gemma-embedding", keys, tensors, tokens, [F.normalize(dense[1] @ (dense[0] @ row), dim=0) for row in rows])

@torch.no_grad()
def jina():
    w = {"token_embd.weight": matrix(VOCABULARY, HIDDEN), "token_types.weight": matrix(2, HIDDEN)}
    norm = lambda stem: w.update({stem + ".weight": vector(HIDDEN, 1.0), stem + ".bias": vector(HIDDEN)})
    norm("token_embd_norm")
    for i in range(LAYERS):
        for stem, out, size in (("attn_q", HIDDEN, HIDDEN), ("attn_k", HIDDEN, HIDDEN), ("attn_v", HIDDEN, HIDDEN),
                                ("attn_output", HIDDEN, HIDDEN), ("ffn_gate", INNER, HIDDEN), ("ffn_up", INNER, HIDDEN),
                                ("ffn_down", HIDDEN, INNER)):
            w[f"blk.{i}.{stem}.weight"] = matrix(out, size)
            if stem not in ("ffn_gate", "ffn_up"): w[f"blk.{i}.{stem}.bias"] = vector(out)
        norm(f"blk.{i}.attn_output_norm"); norm(f"blk.{i}.layer_output_norm")
    normed = lambda x, stem: F.layer_norm(x, (HIDDEN,), w[stem + ".weight"], w[stem + ".bias"], 1e-12)
    slopes = torch.tensor([2 ** (-8 * (h + 1) / HEADS) for h in range(HEADS)])

    def run(t):
        place = torch.arange(len(t))
        distance = (place[:, None] - place[None]).abs().float()
        x = normed(w["token_embd.weight"][t] + w["token_types.weight"][0], "token_embd_norm")
        for i in range(LAYERS):
            linear = lambda y, stem: F.linear(y, w[f"blk.{i}.{stem}.weight"], w.get(f"blk.{i}.{stem}.bias"))
            q, k, v = (linear(x, stem).view(len(t), HEADS, -1).transpose(0, 1) for stem in ("attn_q", "attn_k", "attn_v"))
            scores = q @ k.transpose(1, 2) / math.sqrt(HIDDEN // HEADS) - slopes[:, None, None] * distance
            y = (scores.softmax(-1) @ v).transpose(0, 1).reshape(len(t), HIDDEN)
            x = normed(x + linear(y, "attn_output"), f"blk.{i}.attn_output_norm")
            y = linear(F.gelu(linear(x, "ffn_gate")) * linear(x, "ffn_up"), "ffn_down")
            x = normed(x + y, f"blk.{i}.layer_output_norm")
        return F.normalize(x.mean(0), dim=0)

    keys = {"block_count": LAYERS, "context_length": 128, "embedding_length": HIDDEN, "feed_forward_length": INNER,
            "attention.head_count": HEADS, "attention.layer_norm_epsilon": 1e-12, "attention.causal": False, "pooling_type": 1,
            "tokenizer.ggml.token_type_count": 2}
    tokens = texts()
    write("jina-bert-v2", keys, w, tokens, [run(t) for t in tokens])

def rotated(x, base):  # [heads x positions x size], halves together
    half = x.shape[-1] // 2
    angles = torch.arange(x.shape[1])[:, None].double() * base ** (-torch.arange(half).double() / half)
    cos, sin = angles.cos().float(), angles.sin().float()
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

def attended(x, linear, heads, shared, base):
    size = HIDDEN // heads
    q, k, v = (linear(x, stem).view(len(x), -1, size).transpose(0, 1) for stem in ("attn_q", "attn_k", "attn_v"))
    k, v = (y.repeat_interleave(heads // shared, 0) for y in (rotated(k, base), v))
    weights = (rotated(q, base) @ k.transpose(1, 2) / math.sqrt(size)).softmax(-1)
    return linear((weights @ v).transpose(0, 1).reshape(len(x), HIDDEN), "attn_output")

@torch.no_grad()
def jina3():
    w = {"token_embd.weight": matrix(VOCABULARY, HIDDEN), "token_types.weight": matrix(1, HIDDEN)}
    norm = lambda stem: w.update({stem + ".weight": vector(HIDDEN, 1.0), stem + ".bias": vector(HIDDEN)})
    norm("token_embd_norm")
    for i in range(LAYERS):
        for stem, out, size in (("attn_qkv", 3 * HIDDEN, HIDDEN), ("attn_output", HIDDEN, HIDDEN), ("ffn_up", INNER, HIDDEN),
                                ("ffn_down", HIDDEN, INNER)):
            w |= {f"blk.{i}.{stem}.weight": matrix(out, size), f"blk.{i}.{stem}.bias": vector(out)}
        norm(f"blk.{i}.attn_output_norm"); norm(f"blk.{i}.layer_output_norm")
    normed = lambda x, stem: F.layer_norm(x, (HIDDEN,), w[stem + ".weight"], w[stem + ".bias"], 1e-5)

    def run(t):
        x = normed(w["token_embd.weight"][t] + w["token_types.weight"][0], "token_embd_norm")
        for i in range(LAYERS):
            parts = {f"{stem}.{kind}": part for kind in ("weight", "bias") for stem, part in
                     zip(("attn_q", "attn_k", "attn_v"), w[f"blk.{i}.attn_qkv.{kind}"].chunk(3))}
            of = lambda stem: parts.get(stem, w.get(f"blk.{i}.{stem}"))
            linear = lambda y, stem: F.linear(y, of(stem + ".weight"), of(stem + ".bias"))
            x = normed(x + attended(x, linear, HEADS, HEADS, 20000.0), f"blk.{i}.attn_output_norm")
            x = normed(x + linear(F.gelu(linear(x, "ffn_up")), "ffn_down"), f"blk.{i}.layer_output_norm")
        return F.normalize(x.mean(0), dim=0)

    keys = {"block_count": LAYERS, "context_length": 128, "embedding_length": HIDDEN, "feed_forward_length": INNER,
            "attention.head_count": HEADS, "attention.layer_norm_epsilon": 1e-5, "attention.causal": False, "pooling_type": 1,
            "rope.freq_base": 20000.0, "tokenizer.ggml.token_type_count": 1}
    tokens = texts()
    write("jina-bert-v3", keys, w, tokens, [run(t) for t in tokens])

@torch.no_grad()
def eurobert():
    w = {"token_embd.weight": matrix(VOCABULARY, HIDDEN), "output_norm.weight": vector(HIDDEN, 1.0)}
    for i in range(LAYERS):
        for stem, out, size in (("attn_q", HIDDEN, HIDDEN), ("attn_k", HIDDEN // 2, HIDDEN), ("attn_v", HIDDEN // 2, HIDDEN),
                                ("attn_output", HIDDEN, HIDDEN), ("ffn_gate", INNER, HIDDEN), ("ffn_up", INNER, HIDDEN),
                                ("ffn_down", HIDDEN, INNER)):
            w[f"blk.{i}.{stem}.weight"] = matrix(out, size)
        w |= {f"blk.{i}.{stem}.weight": vector(HIDDEN, 1.0) for stem in ("attn_norm", "ffn_norm")}
    normed = lambda x, stem: F.rms_norm(x, (HIDDEN,), w[stem + ".weight"], 1e-5)

    def run(t):
        x = w["token_embd.weight"][t]
        for i in range(LAYERS):
            linear = lambda y, stem: F.linear(y, w[f"blk.{i}.{stem}.weight"])
            x = x + attended(normed(x, f"blk.{i}.attn_norm"), linear, HEADS, 2, 250000.0)
            y = normed(x, f"blk.{i}.ffn_norm")
            x = x + linear(F.silu(linear(y, "ffn_gate")) * linear(y, "ffn_up"), "ffn_down")
        return F.normalize(normed(x, "output_norm").mean(0), dim=0)

    keys = {"block_count": LAYERS, "context_length": 128, "embedding_length": HIDDEN, "feed_forward_length": INNER,
            "attention.head_count": HEADS, "attention.head_count_kv": 2, "attention.layer_norm_rms_epsilon": 1e-5,
            "attention.causal": False, "pooling_type": 1, "rope.freq_base": 250000.0}
    tokens = texts()
    write("eurobert", keys, w, tokens, [run(t) for t in tokens])

gemma(); jina(); jina3(); eurobert()
