"""Makes the folders beside this script: tiny models of random weights in float16, as Hugging Face Transformers saves them, and
what it computes with them in float32 on the CPU. Usage: python3 make_folders.py [NAME...]

Needs torch, transformers, tokenizers, safetensors; made with transformers 5.24.0, tokenizers 0.23.3, torch 2.15.0.
"""
import json, os, shutil, sys
import numpy as np, torch, transformers as hf
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY = 260
BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
SIZES = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4)
DECODER = SIZES | dict(num_key_value_heads=2, max_position_embeddings=128, bos_token_id=0, eos_token_id=1, pad_token_id=1)
MOE = dict(num_experts_per_tok=2, moe_intermediate_size=16)
FULL_LAST = dict(layer_types=["sliding_attention", "full_attention"], sliding_window=8)
DECODERS = {
    "llama": (hf.LlamaConfig, dict(rope_parameters=dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0,
              high_freq_factor=4.0, original_max_position_embeddings=32), tie_word_embeddings=False)),
    "mistral": (hf.MistralConfig, dict(sliding_window=None)),
    "qwen2": (hf.Qwen2Config, dict(tie_word_embeddings=True)),
    "qwen3": (hf.Qwen3Config, dict(head_dim=16)),
    "qwen3_moe": (hf.Qwen3MoeConfig, MOE | dict(head_dim=16, num_experts=4, norm_topk_prob=True, decoder_sparse_step=1)),
    "mixtral": (hf.MixtralConfig, dict(num_local_experts=4, num_experts_per_tok=2)),
    "olmoe": (hf.OlmoeConfig, dict(num_experts=4, num_experts_per_tok=2, num_key_value_heads=4)),
    "gemma3": (hf.Gemma3TextConfig, dict(head_dim=16, query_pre_attn_scalar=16) | FULL_LAST),
    "phi3": (hf.Phi3Config, dict(sliding_window=None)),
    "olmo2": (hf.Olmo2Config, dict(tie_word_embeddings=False)),
    "olmo3": (hf.Olmo3Config, dict(tie_word_embeddings=False) | FULL_LAST),
    "smollm3": (hf.SmolLM3Config, dict(num_hidden_layers=4, tie_word_embeddings=True, use_sliding_window=False)),
}
MORE_DECODERS = {
    "qwen2_moe": (hf.Qwen2MoeConfig, MOE | dict(num_experts=4, shared_expert_intermediate_size=24, norm_topk_prob=False)),
    "gemma": (hf.GemmaConfig, dict(head_dim=16)),
    "gemma2": (hf.Gemma2Config, dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=8)),
    "phi": (hf.PhiConfig, dict()),
    "granite": (hf.GraniteConfig, dict(attention_multiplier=0.2, embedding_multiplier=3.0, residual_multiplier=0.5, logits_scaling=2.0)),
    "glm4": (hf.Glm4Config, dict(head_dim=8, attention_bias=True, tie_word_embeddings=False)),
    "cohere": (hf.CohereConfig, dict(logit_scale=0.25)),
    "cohere2": (hf.Cohere2Config, dict(logit_scale=0.25, head_dim=8) | FULL_LAST),
    "arcee": (hf.ArceeConfig, dict()),
    "seed_oss": (hf.SeedOssConfig, dict(head_dim=16, attention_bias=True, attention_out_bias=False)),
    "ernie4_5": (hf.Ernie4_5Config, dict(head_dim=8)),
    "exaone4": (hf.Exaone4Config, FULL_LAST),
    "stablelm": (hf.StableLmConfig, dict(use_parallel_residual=False, use_qkv_bias=True)),
    "starcoder2": (hf.Starcoder2Config, dict(sliding_window=8)),
    "nemotron": (hf.NemotronConfig, dict()),
}
LATENT = dict(kv_lora_rank=16, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=12, num_key_value_heads=4, n_routed_experts=8,
              n_shared_experts=2, num_experts_per_tok=2, moe_intermediate_size=16, first_k_dense_replace=1)
OLD_NAMES = dict(n_embd=32, n_head=4, n_layer=2, n_positions=128)
REARRANGED = {
    "gpt_neox": (hf.GPTNeoXConfig, dict(rotary_pct=0.5, use_parallel_residual=True, max_position_embeddings=128)),
    "falcon": (hf.FalconConfig, dict(multi_query=True, num_kv_heads=1, new_decoder_architecture=False, parallel_attn=True, bias=False)),
    "falcon-40b": (hf.FalconConfig, dict(num_kv_heads=2, new_decoder_architecture=True, bias=False)),
    "gpt2": (hf.GPT2Config, OLD_NAMES),
    "gpt_bigcode": (hf.GPTBigCodeConfig, OLD_NAMES | dict(n_inner=48, multi_query=True)),
    "bloom": (hf.BloomConfig, dict(hidden_size=32, n_layer=2, n_head=4)),
    "granitemoe": (hf.GraniteMoeConfig, dict(num_local_experts=4, num_experts_per_tok=2, attention_multiplier=0.2, embedding_multiplier=3.0,
                   residual_multiplier=0.5, logits_scaling=2.0)),
    "granitemoeshared": (hf.GraniteMoeSharedConfig, dict(num_local_experts=4, num_experts_per_tok=2, shared_intermediate_size=24,
                         attention_multiplier=0.2, embedding_multiplier=3.0, residual_multiplier=0.5, logits_scaling=2.0)),
    "gpt_oss": (hf.GptOssConfig, dict(head_dim=8, num_local_experts=4, num_experts_per_tok=2, rope_parameters=dict(rope_type="yarn",
                rope_theta=150000.0, factor=4.0, beta_fast=32.0, beta_slow=1.0, truncate=False, original_max_position_embeddings=32))
                | FULL_LAST),
    "deepseek_v2": (hf.DeepseekV2Config, LATENT | dict(q_lora_rank=None, topk_method="group_limited_greedy", norm_topk_prob=False, n_group=4,
                    topk_group=2, routed_scaling_factor=1.5, rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0,
                    mscale=0.707, mscale_all_dim=0.707, beta_fast=32, beta_slow=1, original_max_position_embeddings=32))),
    "deepseek_v3": (hf.DeepseekV3Config, LATENT | dict(q_lora_rank=24, n_group=4, topk_group=2, norm_topk_prob=True, routed_scaling_factor=2.5,
                    rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, mscale=1.0, mscale_all_dim=1.0, beta_fast=32,
                    beta_slow=1, original_max_position_embeddings=32))),
    "dots1": (hf.Dots1Config, dict(head_dim=16, num_key_value_heads=4, n_routed_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, n_shared_experts=1,
              first_k_dense_replace=1, norm_topk_prob=True, routed_scaling_factor=2.5, n_group=1, topk_group=1, sliding_window=None)),
    "ministral3": (hf.Ministral3Config, dict(head_dim=16, rope_parameters=dict(rope_type="yarn", rope_theta=1000000.0, factor=4.0, beta_fast=32.0,
                   beta_slow=1.0, mscale=1.0, mscale_all_dim=1.0, original_max_position_embeddings=32, llama_4_scaling_beta=0.1))),
    "ernie4_5_moe": (hf.Ernie4_5_MoeConfig, dict(moe_num_experts=4, moe_k=2, moe_intermediate_size=16, moe_num_shared_experts=2,
                     moe_layer_start_index=1, moe_layer_end_index=1, moe_layer_interval=1, tie_word_embeddings=False)),
    "granitemoehybrid": (hf.GraniteMoeHybridConfig, dict(layer_types=["attention", "attention"], num_local_experts=0, num_experts_per_tok=0,
                         shared_intermediate_size=48, position_embedding_type="rope", mamba_n_heads=4, attention_multiplier=0.2, embedding_multiplier=3.0,
                         residual_multiplier=0.5, logits_scaling=2.0, tie_word_embeddings=True)),
}
LATER = {  # behind all others, whose seeds are their places
    "glm4_moe": (hf.Glm4MoeConfig, dict(head_dim=8, attention_bias=True, use_qk_norm=True, n_routed_experts=4, num_experts_per_tok=2,
                 moe_intermediate_size=16, n_shared_experts=1, first_k_dense_replace=1, norm_topk_prob=True, routed_scaling_factor=2.5,
                 n_group=1, topk_group=1, num_mtp_layers=0)),
    "apertus": (hf.ApertusConfig, dict(rope_parameters=dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0,
                high_freq_factor=4.0, original_max_position_embeddings=32))),
}
ENCODER = SIZES | dict(max_position_embeddings=130)
ENCODERS = {
    "bert": (hf.BertConfig, dict(type_vocab_size=2), "words"),
    "roberta": (hf.RobertaConfig, dict(type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5), "bytes"),
    "xlm-roberta": (hf.XLMRobertaConfig, dict(type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5), "pieces"),
    "modernbert": (hf.ModernBertConfig, dict(local_attention=8, global_attn_every_n_layers=2, pad_token_id=1, cls_token_id=0,
                   sep_token_id=2, bos_token_id=0, eos_token_id=2), "bytes"),
    "nomic_bert": (hf.NomicBertConfig, dict(type_vocab_size=2), "words"),
}
TEXTS = ["", "a", "the cat sat on the mat", "The Cat sat on a mat!", "water boils at one hundred degrees", "x" * 60,
         "one two three four five six seven eight nine ten eleven twelve", "  several   spaces "]
QUERY, DOCUMENTS = "where is the cat", ["the cat sat on the mat", "water boils", "a", "cats and dogs and birds in a garden"]

def scatter(model, seed):
    """Random numbers such as keep activations of the order of one, rounded to float16."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in list(model.named_parameters()) + [b for b in model.named_buffers() if "correction_bias" in b[0]]:
        values = torch.randn(p.shape, generator=generator)
        if "norm" in name.lower() and name.endswith("weight"):
            centre = 0 if type(model.config).__name__.startswith(("Gemma", "Nemotron")) else 1
            values = centre + 0.25 * values
        elif p.dim() > 1:
            values = values * (1 if "embed" in name else 1.5 / p.shape[-1] ** 0.5)
        else:
            values = 0.25 * values
        p.data = values.half().float()
    return model.eval()

def bytes_tokenizer():
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<mask>": 3} | {b: 4 + i for i, b in enumerate(BYTES)}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<mask>"])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer

def words_tokenizer():
    letters = [chr(c) for c in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + ["##" + c for c in letters] + ["the", "cat", "##at", "##er"]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(pieces[:5])
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                             special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer

def pieces_tokenizer():
    letters = [chr(c) for c in range(33, 127)]
    words = ["\u2581", "\u2581the", "\u2581cat", "at", "er", "\u2581a"]
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + [(w, -2.0 - i) for i, w in enumerate(words)] + [
        (c, -8.0 - i / 32) for i, c in enumerate(letters)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" {2,}", " ")]) if False else None
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
                                                             special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer

TOKENIZERS = dict(bytes=bytes_tokenizer, words=words_tokenizer, pieces=pieces_tokenizer)
ENDS = dict(bytes=dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", mask_token="<mask>"),
            words=dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]"),
            pieces=dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>"))

def write(name, model, kind, reference, values, pooling=None):
    folder = f"{HERE}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    model.half().save_pretrained(folder)
    describe(folder, kind, reference, values, pooling)

def describe(folder, kind, reference, values, pooling):
    """All but the configuration and the weights."""
    name = os.path.basename(folder)
    for extra in ("generation_config.json",):
        if os.path.exists(f"{folder}/{extra}"): os.remove(f"{folder}/{extra}")
    tokenizer = TOKENIZERS[kind]()
    tokenizer.save(f"{folder}/tokenizer.json", pretty=False)
    json.dump(ENDS[kind], open(f"{folder}/tokenizer_config.json", "w"))
    if pooling:
        os.makedirs(f"{folder}/1_Pooling")
        json.dump([dict(idx=0, name="0", path="", type="sentence_transformers.models.Transformer"),
                   dict(idx=1, name="1", path="1_Pooling", type="sentence_transformers.models.Pooling")],
                  open(f"{folder}/modules.json", "w"))
        json.dump({"pooling_mode_" + pooling: True, "word_embedding_dimension": SIZES["hidden_size"]},
                  open(f"{folder}/1_Pooling/config.json", "w"))
    json.dump(reference, open(f"{folder}/reference.json", "w"))
    np.asarray(values, dtype="<f4").tofile(f"{folder}/reference.f32")
    print(name, sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(folder) for f in fs), "bytes")

def pooled(rows, pooling):
    vector = rows.mean(0) if pooling == "mean_tokens" else rows[-1] if pooling == "lasttoken" else rows[0]
    return (vector / vector.norm()).numpy()

@torch.no_grad()
def decoder(name, seed):
    kind, more = (DECODERS | MORE_DECODERS | REARRANGED | LATER)[name]
    torch.manual_seed(seed)
    usual = {key: value for key, value in DECODER.items() if name not in REARRANGED or hasattr(kind(), key)}
    model = scatter(hf.AutoModelForCausalLM.from_config(kind(**(usual | more)), attn_implementation="eager"), seed)
    tokens = torch.randint(4, VOCABULARY, (1, 40), generator=torch.Generator().manual_seed(seed))
    write(name, model, "bytes", dict(tokens=tokens[0].tolist()), model(tokens).logits[0].numpy())

@torch.no_grad()
def long_decoder(name, seed):
    """Phi 3 for long contexts: in a text longer than the first training's, Transformers takes the long factors for all positions."""
    scaling = dict(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.25, 1.5, 2.0], long_factor=[1.5, 3.0, 6.0, 12.0],
                   original_max_position_embeddings=32)
    config = hf.Phi3Config(**(DECODER | dict(sliding_window=None, original_max_position_embeddings=32, rope_parameters=scaling)))
    model = scatter(hf.AutoModelForCausalLM.from_config(config, attn_implementation="eager"), seed)
    tokens = torch.randint(4, VOCABULARY, (1, 40), generator=torch.Generator().manual_seed(seed))
    short = model(tokens[:, :20]).logits[0].numpy()
    logits = model(tokens).logits[0].numpy()
    assert abs(short - logits[:20]).max() > 0.1
    write(name, model, "bytes", dict(tokens=tokens[0].tolist()), logits)
    short.astype("<f4").tofile(f"{HERE}/{name}/short.f32")

@torch.no_grad()
def packed_decoder(name, seed):
    """gpt-oss as it is published: matrices of the experts as random bytes of MXFP4 and their scales."""
    kind, more = REARRANGED["gpt_oss"]
    model = scatter(hf.AutoModelForCausalLM.from_config(kind(**(DECODER | more | dict(intermediate_size=64))), attn_implementation="eager"), seed)
    generator = torch.Generator().manual_seed(seed)
    packed = {}
    for i, layer in enumerate(model.model.layers):
        for matrix, rows, groups in (("gate_up_proj", 128, 1), ("down_proj", 32, 2)):
            blocks = torch.randint(0, 256, (4, rows, groups, 16), generator=generator, dtype=torch.uint8)
            scales = torch.randint(122, 126, (4, rows, groups), generator=generator, dtype=torch.uint8)
            packed[f"model.layers.{i}.mlp.experts.{matrix}_blocks"], packed[f"model.layers.{i}.mlp.experts.{matrix}_scales"] = blocks, scales
            getattr(layer.mlp.experts, matrix).data = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    tokens = torch.randint(4, VOCABULARY, (1, 24), generator=generator)
    write(name, model, "bytes", dict(tokens=tokens[0].tolist()), model(tokens).logits[0].numpy())
    file = f"{HERE}/{name}/model.safetensors"
    kept = {key: value for key, value in load_file(file).items() if not key.endswith(("experts.gate_up_proj", "experts.down_proj"))}
    save_file(kept | packed, file, metadata=dict(format="pt"))

@torch.no_grad()
def float8_decoder(name, seed):
    """Matrices in FP8, as published: blocks with factors in weight_scale_inv, or one factor in weight_scale beside that of activations."""
    kind, block = (hf.Qwen3Config, (20, 24)) if name.startswith("qwen3") else (hf.LlamaConfig, None)
    config = kind(**(DECODER | (dict(head_dim=16) if block else dict(tie_word_embeddings=False))))
    model = scatter(hf.AutoModelForCausalLM.from_config(config, attn_implementation="eager"), seed)
    stored = {}
    for matrix, p in model.named_parameters():
        if not matrix.endswith("_proj.weight"):
            continue
        rows, columns = block or p.shape
        grid = [(i, j) for i in range(0, p.shape[0], rows) for j in range(0, p.shape[1], columns)]
        scales = torch.tensor([p[i:i + rows, j:j + columns].abs().max() / 448 for i, j in grid])
        codes = torch.empty(p.shape, dtype=torch.float8_e4m3fn)
        for (i, j), scale in zip(grid, scales):
            codes[i:i + rows, j:j + columns] = (p[i:i + rows, j:j + columns] / scale).to(torch.float8_e4m3fn)
            p.data[i:i + rows, j:j + columns] = codes[i:i + rows, j:j + columns].float() * scale
        stored[matrix] = codes
        if block:
            stored[matrix + "_scale_inv"] = scales.reshape(-(-p.shape[0] // rows), -1)
        else:
            stored |= {matrix + "_scale": scales.reshape(()), matrix.replace("weight", "input_scale"): torch.tensor(0.5)}
    tokens = torch.randint(4, VOCABULARY, (1, 24), generator=torch.Generator().manual_seed(seed))
    write(name, model, "bytes", dict(tokens=tokens[0].tolist()), model(tokens).logits[0].numpy())
    folder = f"{HERE}/{name}"
    save_file(load_file(f"{folder}/model.safetensors") | stored, f"{folder}/model.safetensors", metadata=dict(format="pt"))
    quantization = dict(quant_method="fp8", activation_scheme="dynamic", weight_block_size=block)
    saved = json.load(open(f"{folder}/config.json"))
    json.dump(saved | dict(quantization_config=quantization), open(f"{folder}/config.json", "w"), indent=2)

@torch.no_grad()
def part_decoder(name, seed):
    """The language model of one that reads images too: its configuration and its tensors stand below names of their own."""
    kind, more = REARRANGED["ministral3"]
    torch.manual_seed(seed)
    text = kind(**(DECODER | more | dict(tie_word_embeddings=False)))
    vision = hf.PixtralVisionConfig(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14)
    config = hf.Mistral3Config(text_config=text, vision_config=vision, tie_word_embeddings=False)
    model = scatter(hf.Mistral3ForConditionalGeneration._from_config(config, attn_implementation="eager"), seed)
    tokens = torch.randint(4, VOCABULARY, (1, 24), generator=torch.Generator().manual_seed(seed))
    write(name, model, "bytes", dict(tokens=tokens[0].tolist()), model(input_ids=tokens).logits[0].numpy())

@torch.no_grad()
def vl_decoder(name, seed):
    """The language models of Qwen 2.5 and 3 VL; the former is saved as published ones are, without a part of the configuration for it."""
    torch.manual_seed(seed)
    vision = dict(depth=1, hidden_size=16, intermediate_size=16, num_heads=2, out_hidden_size=32, patch_size=4)
    rope = lambda *sections: dict(rope_parameters=dict(rope_type="default", rope_theta=10000.0, mrope_section=list(sections)))
    if name == "qwen2_5_vl":
        kind, config = hf.Qwen2_5_VLForConditionalGeneration, hf.Qwen2_5_VLConfig(text_config=DECODER | rope(1, 1, 2), vision_config=vision)
    else:
        vision |= dict(num_position_embeddings=4, deepstack_visual_indexes=[0])
        kind, config = hf.Qwen3VLForConditionalGeneration, hf.Qwen3VLConfig(text_config=DECODER | dict(head_dim=16) | rope(4, 2, 2), vision_config=vision)
    model = scatter(kind._from_config(config, attn_implementation="eager"), seed)
    tokens = torch.randint(4, VOCABULARY, (1, 24), generator=torch.Generator().manual_seed(seed))
    write(name, model, "bytes", dict(tokens=tokens[0].tolist()), model(input_ids=tokens).logits[0].numpy())
    if name == "qwen2_5_vl":
        saved = json.load(open(f"{HERE}/{name}/config.json"))
        text = saved.pop("text_config")
        scaling = text.pop("rope_parameters")
        scaling["type"] = "mrope"
        json.dump(text | dict(rope_theta=scaling.pop("rope_theta"), rope_scaling=scaling) | saved, open(f"{HERE}/{name}/config.json", "w"), indent=2)

@torch.no_grad()
def encoder(name, seed, pooling="mean_tokens"):
    kind, more, tokens = ENCODERS[name]
    config = kind(**(ENCODER | more))
    model = scatter(hf.AutoModel.from_config(config, attn_implementation="eager"), seed)
    tokenizer = TOKENIZERS[tokens]()
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    vectors = [pooled(model(torch.tensor([i])).last_hidden_state[0], pooling) for i in ids]
    write(name, model, tokens, dict(texts=TEXTS, tokens=ids), np.stack(vectors), pooling)

@torch.no_grad()
def pooled_decoder(name, seed):
    """As Qwen3-Embedding: the last token's row, behind the end of the text."""
    model = scatter(hf.AutoModel.from_config(hf.Qwen3Config(**(DECODER | dict(head_dim=16))), attn_implementation="eager"), seed)
    tokenizer = bytes_tokenizer()
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    vectors = [pooled(model(torch.tensor([i])).last_hidden_state[0], "lasttoken") for i in ids]
    write(name, model, "bytes", dict(texts=TEXTS, tokens=ids), np.stack(vectors), "lasttoken")

@torch.no_grad()
def gemma_embedding(name, seed):
    """As EmbeddingGemma is published: config.json has twice the window's reach, two dense layers are modules behind the pooling."""
    config = hf.Gemma3TextConfig(**(DECODER | dict(head_dim=16, query_pre_attn_scalar=16, use_bidirectional_attention=True) | FULL_LAST))
    model = scatter(hf.Gemma3TextModel._from_config(config, attn_implementation="eager"), seed)
    generator = torch.Generator().manual_seed(seed)
    dense = [(torch.randn(shape, generator=generator) / 5).half() for shape in ((64, 32), (32, 64))]
    tokenizer = bytes_tokenizer()
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    rows = [model(torch.tensor([i])).last_hidden_state[0].mean(0) for i in ids]
    vectors = [dense[1].float() @ (dense[0].float() @ row) for row in rows]
    write(name, model, "bytes", dict(texts=TEXTS, tokens=ids), np.stack([(v / v.norm()).numpy() for v in vectors]), "mean_tokens")
    folder = f"{HERE}/{name}"
    saved = json.load(open(f"{folder}/config.json"))
    json.dump(saved | dict(sliding_window=FULL_LAST["sliding_window"]), open(f"{folder}/config.json", "w"), indent=2)
    modules = json.load(open(f"{folder}/modules.json"))
    for i, matrix in enumerate(dense):
        path = f"{i + 2}_Dense"
        os.makedirs(f"{folder}/{path}")
        save_file({"linear.weight": matrix}, f"{folder}/{path}/model.safetensors")
        json.dump(dict(in_features=matrix.shape[1], out_features=matrix.shape[0], bias=False,
                       activation_function="torch.nn.modules.linear.Identity"), open(f"{folder}/{path}/config.json", "w"))
        modules.append(dict(idx=i + 2, name=str(i + 2), path=path, type="sentence_transformers.models.Dense"))
    modules.append(dict(idx=4, name="4", path="4_Normalize", type="sentence_transformers.models.Normalize"))
    json.dump(modules, open(f"{folder}/modules.json", "w"))

@torch.no_grad()
def jina(name, seed):
    """Jina Embeddings 2 is not in Transformers: its equations (arXiv 2310.19923, section 4, and 2108.12409 for the distances)."""
    generator = torch.Generator().manual_seed(seed)
    hidden, inner, heads = 32, 48, 4
    w = {}
    matrix = lambda name, rows, columns, scale: w.update({name + ".weight": (torch.randn(rows, columns, generator=generator) * scale).half()})
    def vector(name, size, centre=0.0): w[name] = (centre + 0.25 * torch.randn(size, generator=generator)).half()
    def norm(name): vector(name + ".weight", hidden, 1.0); vector(name + ".bias", hidden)
    def linear(name, rows, columns, bias=True):
        matrix(name, rows, columns, 1.5 / columns ** 0.5)
        if bias: vector(name + ".bias", rows)
    matrix("embeddings.word_embeddings", VOCABULARY, hidden, 1)
    matrix("embeddings.token_type_embeddings", 2, hidden, 1)
    norm("embeddings.LayerNorm")
    for i in range(2):
        layer = f"encoder.layer.{i}."
        for part in ("query", "key", "value"): linear(layer + "attention.self." + part, hidden, hidden)
        linear(layer + "attention.output.dense", hidden, hidden)
        norm(layer + "attention.output.LayerNorm")
        linear(layer + "mlp.gated_layers", 2 * inner, hidden, False)
        linear(layer + "mlp.wo", hidden, inner)
        norm(layer + "mlp.layernorm")
    linear("pooler.dense", hidden, hidden)
    f = lambda name: w[name].float() if name in w else None
    apply = lambda x, name: F.linear(x, f(name + ".weight"), f(name + ".bias"))
    normed = lambda x, name: F.layer_norm(x, (hidden,), f(name + ".weight"), f(name + ".bias"), 1e-12)
    slopes = torch.tensor([2 ** (-8 * (h + 1) / heads) for h in range(heads)])[:, None, None]
    def rows(tokens):
        place = torch.arange(len(tokens))
        distance = (place[:, None] - place[None]).abs().float()
        x = normed(f("embeddings.word_embeddings.weight")[tokens] + f("embeddings.token_type_embeddings.weight")[0], "embeddings.LayerNorm")
        for i in range(2):
            layer = f"encoder.layer.{i}."
            q, k, v = (apply(x, layer + "attention.self." + part).view(len(tokens), heads, -1).transpose(0, 1) for part in ("query", "key", "value"))
            scores = q @ k.transpose(1, 2) / (hidden // heads) ** 0.5 - slopes * distance
            y = (scores.softmax(-1) @ v).transpose(0, 1).reshape(len(tokens), hidden)
            x = normed(x + apply(y, layer + "attention.output.dense"), layer + "attention.output.LayerNorm")
            gated = apply(x, layer + "mlp.gated_layers")
            y = apply(F.gelu(gated[:, :inner]) * gated[:, inner:], layer + "mlp.wo")
            x = normed(x + y, layer + "mlp.layernorm")
        return x
    folder = f"{HERE}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    save_file(w, f"{folder}/model.safetensors", metadata=dict(format="pt"))
    json.dump(SIZES | dict(architectures=["JinaBertModel"], model_type="bert", hidden_act="gelu", layer_norm_eps=1e-12, type_vocab_size=2,
                           max_position_embeddings=128, position_embedding_type="alibi", feed_forward_type="geglu", emb_pooler="mean"),
              open(f"{folder}/config.json", "w"), indent=2)
    tokenizer = words_tokenizer()
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    vectors = [pooled(rows(torch.tensor(i)), "mean_tokens") for i in ids]
    describe(folder, "words", dict(texts=TEXTS, tokens=ids), np.stack(vectors), "mean_tokens")

@torch.no_grad()
def reranker(name, seed):
    kind, more, tokens = ENCODERS[name]
    config = kind(**(ENCODER | more | dict(num_labels=1)))
    model = scatter(hf.AutoModelForSequenceClassification.from_config(config, attn_implementation="eager"), seed)
    tokenizer = TOKENIZERS[tokens]()
    pairs = [tokenizer.encode(QUERY, document) for document in DOCUMENTS]
    types = lambda p: dict(token_type_ids=torch.tensor([p.type_ids])) if tokens == "words" else {}
    scores = [model(torch.tensor([p.ids]), **types(p)).logits[0, 0].item() for p in pairs]
    write(name + "-reranker", model, tokens, dict(query=QUERY, documents=DOCUMENTS, tokens=[p.ids for p in pairs]), scores)

makers = {name: decoder for name in DECODERS} | {name: encoder for name in ENCODERS} | {"qwen3-embedding": pooled_decoder} | {
    name + "-reranker": lambda full, seed: reranker(full.removesuffix("-reranker"), seed) for name in ("bert", "xlm-roberta")} | {
    "gemma-embedding": gemma_embedding, "jina-bert-v2": jina} | {name: decoder for name in MORE_DECODERS} | {
    name: decoder for name in REARRANGED} | {"gpt_oss-mxfp4": packed_decoder, "mistral3": part_decoder, "phi3-long": long_decoder} | {
    name: decoder for name in LATER} | {"qwen3-fp8": float8_decoder, "llama-fp8": float8_decoder} | {
    "qwen2_5_vl": vl_decoder, "qwen3_vl": vl_decoder}
for seed, (name, make) in enumerate(makers.items()):
    if len(sys.argv) == 1 or name in sys.argv[1:]:
        make(name, seed)
