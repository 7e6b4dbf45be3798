package dev.lathe.huggingface;

import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The language model of one that reads images too, whose configuration and tensors stand below names of their own. */
final class TextPart {
    /** The types of which the language model is read. */
    static final List<String> TYPES = List.of("mistral3", "gemma3", "qwen2_vl", "qwen2_5_vl", "qwen3_vl");

    private static final Pattern IMAGES =
            Pattern.compile("(model\\.)?(vision_tower|multi_modal_projector|visual)\\..*");

    private TextPart() {}

    /** The configuration of the language model alone: the tokens' roles and the tied head may be told outside of it. */
    static Config of(Config whole) {
        if (!TYPES.contains(whole.modelType())) {
            return whole;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(whole.json().members());
        whole.json().findObject("text_config").ifPresent(text -> members.putAll(text.members()));
        return new Config(new JsonObject(members), true);
    }

    /** The name that a tensor of the language model has in a folder of its own; empty for what reads images. */
    static Optional<String> name(String name) {
        return IMAGES.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(name.replaceFirst("^(model\\.language_model|language_model\\.model)\\.", "model.")
                        .replaceFirst("^language_model\\.", ""));
    }
}
