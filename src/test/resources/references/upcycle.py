"""Makes a small mixture of experts that has learned something: a Hugging Face folder of type mixtral.

Usage: python3 upcycle.py DENSE.gguf TOKENIZER.json TEXT.txt FOLDER [MINUTES]

Each layer's feed-forward part becomes 8 experts, of which 2 are chosen, all copies with a tenth of noise (Komatsuzaki et al.,
"Sparse Upcycling", 2022, arXiv 2212.05055); then the model is trained on the text. Needs torch, gguf, safetensors, tokenizers.
"""
import json, os, shutil, sys, time
import gguf, numpy as np, torch, torch.nn.functional as F
from safetensors.torch import save_file
from tokenizers import Tokenizer

EXPERTS, USED, LENGTH, BATCH = 8, 2, 256, 8
source, tokenizer, text, folder = sys.argv[1:5]
minutes = float(sys.argv[5]) if len(sys.argv) > 5 else 4
torch.manual_seed(1)
reader = gguf.GGUFReader(source)
field = lambda name: reader.fields["llama." + name].parts[-1][0].item()
layers, hidden, inner = field("block_count"), field("embedding_length"), field("feed_forward_length")
heads, shared, base = field("attention.head_count"), field("attention.head_count_kv"), field("rope.freq_base")
size = hidden // heads
dense = {t.name: torch.from_numpy(np.array(t.data, dtype=np.float32)) for t in reader.tensors}

def halves(rows, count):  # pairs side by side, as GGUF has them, to halves
    return rows.view(count, size // 2, 2, -1).transpose(1, 2).reshape(rows.shape)

weights = {"model.embed_tokens.weight": dense["token_embd.weight"], "model.norm.weight": dense["output_norm.weight"]}
for i in range(layers):
    of, to = f"blk.{i}.", f"model.layers.{i}."
    weights[to + "input_layernorm.weight"] = dense[of + "attn_norm.weight"]
    weights[to + "post_attention_layernorm.weight"] = dense[of + "ffn_norm.weight"]
    weights[to + "self_attn.q_proj.weight"] = halves(dense[of + "attn_q.weight"], heads)
    weights[to + "self_attn.k_proj.weight"] = halves(dense[of + "attn_k.weight"], shared)
    weights[to + "self_attn.v_proj.weight"] = dense[of + "attn_v.weight"]
    weights[to + "self_attn.o_proj.weight"] = dense[of + "attn_output.weight"]
    weights[to + "block_sparse_moe.gate.weight"] = torch.randn(EXPERTS, hidden) * 0.05
    for e in range(EXPERTS):
        for name, matrix in (("w1", "ffn_gate"), ("w3", "ffn_up"), ("w2", "ffn_down")):
            w = dense[of + matrix + ".weight"]
            weights[f"{to}block_sparse_moe.experts.{e}.{name}.weight"] = w + 0.1 * w.std() * torch.randn_like(w)
weights = {name: w.clone().contiguous().requires_grad_() for name, w in weights.items()}
angles = torch.arange(LENGTH)[:, None] / base ** (torch.arange(0, size, 2)[None] / size)
cos, sin = angles.cos(), angles.sin()

def norm(x, name): return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * weights[name + ".weight"]
def rotate(x):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

def experts(x, at):
    rows = x.reshape(-1, hidden)
    shares = F.softmax(F.linear(rows, weights[at + "gate.weight"]), -1)
    top, chosen = shares.topk(USED, -1)
    top = top / top.sum(-1, keepdim=True)
    result = torch.zeros_like(rows)
    for e in range(EXPERTS):
        row, place = (chosen == e).nonzero(as_tuple=True)
        if len(row):
            w = [weights[f"{at}experts.{e}.{n}.weight"] for n in ("w1", "w3", "w2")]
            y = F.linear(F.silu(F.linear(rows[row], w[0])) * F.linear(rows[row], w[1]), w[2])
            result = result.index_add(0, row, y * top[row, place, None])
    used = F.one_hot(chosen, EXPERTS).float().sum(1).mean(0) / USED
    return result.view(x.shape), EXPERTS * (used * shares.mean(0)).sum()

def loss(ids, balance):
    x, spread = F.embedding(ids[:, :-1], weights["model.embed_tokens.weight"]), 0
    for i in range(layers):
        at = f"model.layers.{i}."
        h = norm(x, at + "input_layernorm")
        q, k, v = (F.linear(h, weights[f"{at}self_attn.{n}_proj.weight"]).view(len(ids), LENGTH, -1, size).transpose(1, 2) for n in "qkv")
        k, v = (z.repeat_interleave(heads // shared, 1) for z in (rotate(k), v))
        y = F.scaled_dot_product_attention(rotate(q), k, v, is_causal=True).transpose(1, 2).reshape(x.shape)
        x = x + F.linear(y, weights[at + "self_attn.o_proj.weight"])
        y, even = experts(norm(x, at + "post_attention_layernorm"), at + "block_sparse_moe.")
        x, spread = x + y, spread + even
    logits = F.linear(norm(x, "model.norm"), weights["model.embed_tokens.weight"])
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()) + balance * spread

tokens = torch.tensor(Tokenizer.from_file(tokenizer).encode(open(text, encoding="utf-8").read()).ids)
optimizer = torch.optim.AdamW(weights.values(), lr=5e-4, betas=(0.9, 0.95), weight_decay=0.01)
begin, step = time.time(), 0
while (done := (time.time() - begin) / (60 * minutes)) < 1:
    for group in optimizer.param_groups: group["lr"] = 5e-4 * min(1, (step + 1) / 20) * (1 - done)
    at = torch.randint(len(tokens) - LENGTH - 1, (BATCH,))
    value = loss(torch.stack([tokens[a:a + LENGTH + 1] for a in at]), 0.003)
    optimizer.zero_grad(); value.backward(); optimizer.step(); step += 1
    if step % 20 == 1: print(f"step {step} loss {value.item():.3f}", flush=True)
os.makedirs(folder, exist_ok=True)
save_file({name: w.detach().to(torch.float16).contiguous() for name, w in weights.items()}, folder + "/model.safetensors", {"format": "pt"})
shutil.copy(tokenizer, folder + "/tokenizer.json")
json.dump({"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "vocab_size": len(weights["model.embed_tokens.weight"]),
           "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": layers, "num_attention_heads": heads,
           "num_key_value_heads": shared, "rms_norm_eps": 1e-5, "rope_theta": base, "max_position_embeddings": 512,
           "hidden_act": "silu", "num_local_experts": EXPERTS, "num_experts_per_tok": USED, "tie_word_embeddings": True,
           "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "float16"}, open(folder + "/config.json", "w"), indent=1)
print(f"{step} steps of {BATCH} x {LENGTH} tokens")
