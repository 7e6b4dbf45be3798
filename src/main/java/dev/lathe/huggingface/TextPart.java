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
    static final List<String> TYPES = List.of("mistral3", "gemma3");

    private static final Pattern IMAGES = Pattern.compile("(model\\.)?(vision_tower|multi_modal_projector)\\..*");

    private TextPart() {}

    /** The configuration of the language model alone: the tokens' roles and the tied head may be told outside of it. */
    static Config of(Config whole) {
        Optional<JsonObject> text = whole.json().findObject("text_config");
        if (!TYPES.contains(whole.modelType()) || text.isEmpty()) {
            return whole;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(whole.json().members());
        members.putAll(text.get().members());
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
