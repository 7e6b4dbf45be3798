package dev.lathe.model.family.gpt;

import dev.lathe.model.family.card.Family;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of this room. */
public final class GptFamilies {
    private GptFamilies() {}

    /** Each by the value of {@code general.architecture} in its files, which is also the prefix of their other keys. */
    public static Map<String, Family> byName() {
        Map<String, Family> families = new LinkedHashMap<>();
        families.put("phi2", new Phi2());
        families.put("nemotron", new Nemotron());
        families.put("command-r", new CommandR());
        families.put("cohere2", new Cohere2());
        families.put("olmo", new Olmo());
        families.put("orion", new Orion());
        families.put("mpt", new Mpt());
        families.put("codeshell", new CodeShell());
        families.put("jais", new Jais());
        families.put("jais2", new Jais2());
        families.put("stablelm", new StableLm());
        families.put("gptneox", new GptNeoX());
        families.put("falcon", new Falcon());
        families.put("gpt2", new Gpt2());
        families.put("starcoder", new StarCoder());
        families.put("starcoder2", new StarCoder2());
        families.put("bloom", new Bloom());
        return families;
    }
}
