package dev.lathe.model.family.mixture;

import dev.lathe.model.family.card.Family;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of this room. */
public final class MixtureFamilies {
    private MixtureFamilies() {}

    /** Each by the value of {@code general.architecture} in its files, which is also the prefix of their other keys. */
    public static Map<String, Family> byName() {
        Map<String, Family> families = new LinkedHashMap<>();
        families.put("llama4", new Llama4());
        families.put("qwen2moe", new Qwen2Moe());
        families.put("qwen3moe", new Qwen3Moe());
        families.put("qwen3vlmoe", new Qwen3VlMoe());
        families.put("olmoe", new Olmoe());
        families.put("gpt-oss", new GptOss());
        families.put("deepseek2", new DeepSeek2());
        families.put("glm4moe", new Glm4Moe());
        families.put("ernie4_5-moe", new Ernie45Moe());
        families.put("deepseek", new DeepSeek());
        families.put("dots1", new Dots1());
        families.put("hunyuan-moe", new HunYuanMoe());
        families.put("minimax-m2", new MiniMaxM2());
        families.put("bailingmoe", new BailingMoe());
        families.put("bailingmoe2", new BailingMoe2());
        families.put("exaone-moe", new ExaoneMoe());
        families.put("dbrx", new Dbrx());
        return families;
    }
}
