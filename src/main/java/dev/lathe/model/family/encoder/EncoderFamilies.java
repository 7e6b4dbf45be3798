package dev.lathe.model.family.encoder;

import dev.lathe.model.family.card.Family;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of this room. */
public final class EncoderFamilies {
    private EncoderFamilies() {}

    /** Each by the value of {@code general.architecture} in its files, which is also the prefix of their other keys. */
    public static Map<String, Family> byName() {
        Map<String, Family> families = new LinkedHashMap<>();
        families.put("bert", new Bert());
        families.put("nomic-bert", new NomicBert());
        families.put("jina-bert-v2", new JinaBertV2());
        families.put("jina-bert-v3", new JinaBertV3());
        families.put("eurobert", new EuroBert());
        families.put("modern-bert", new ModernBert());
        families.put("gemma-embedding", new GemmaEmbedding());
        return families;
    }
}
