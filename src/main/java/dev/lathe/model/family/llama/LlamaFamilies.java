package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Family;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of this room. */
public final class LlamaFamilies {
    private LlamaFamilies() {}

    /** Each by the value of {@code general.architecture} in its files, which is also the prefix of their other keys. */
    public static Map<String, Family> byName() {
        Map<String, Family> families = new LinkedHashMap<>();
        families.put("llama", new Llama());
        families.put("qwen", new Qwen());
        families.put("qwen2", new Qwen2());
        families.put("qwen2vl", new Qwen2Vl());
        families.put("qwen3", new Qwen3());
        families.put("qwen3vl", new Qwen3Vl());
        families.put("gemma", new Gemma());
        families.put("gemma2", new Gemma2());
        families.put("gemma3", new Gemma3());
        families.put("phi3", new Phi3());
        families.put("olmo2", new Olmo2());
        families.put("smollm3", new SmolLm3());
        families.put("mistral3", new Mistral3());
        families.put("granite", new Granite());
        families.put("granitemoe", new Granite());
        families.put("glm4", new Glm4());
        families.put("arcee", new Arcee());
        families.put("seed_oss", new SeedOss());
        families.put("ernie4_5", new Ernie45());
        families.put("exaone", new Exaone());
        families.put("internlm2", new InternLm2());
        families.put("minicpm", new MiniCpm());
        families.put("exaone4", new Exaone4());
        families.put("hunyuan-dense", new HunYuanDense());
        families.put("xverse", new Xverse());
        families.put("baichuan", new Baichuan());
        families.put("chatglm", new ChatGlm());
        families.put("plamo", new Plamo());
        families.put("apertus", new Apertus());
        families.put("bitnet", new BitNet());
        families.put("refact", new Refact());
        families.put("maincoder", new Maincoder());
        families.put("openelm", new OpenElm());
        families.put("pangu-embedded", new PanguEmbedded());
        return families;
    }
}
