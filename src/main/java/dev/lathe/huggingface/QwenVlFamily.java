package dev.lathe.huggingface;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;

/**
 * The language models of Qwen 2, 2.5 and 3 VL: sections of a head rotate by a place within an image each; in texts all are the
 * position. Their files also tell into how many first layers something of an image is added.
 */
final class QwenVlFamily extends QwenFamily {
    private static final int SECTIONS = 4; // files hold one more, which is for none of these models

    QwenVlFamily(String architecture) {
        super(architecture);
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        JsonArray given = config.rope("full_attention").scaling().array("mrope_section");
        int[] sections = new int[SECTIONS];
        for (int i = 0; i < Math.min(SECTIONS - 1, given.elements().size()); i++) {
            if (given.elements().get(i) instanceof JsonNumber number) {
                sections[i] = Config.toInt("mrope_section", number.longValue());
            }
        }
        keys.counts("rope.dimension_sections", sections);
        config.json()
                .findObject("vision_config")
                .flatMap(vision -> vision.findArray("deepstack_visual_indexes"))
                .ifPresent(layers ->
                        keys.count("n_deepstack_layers", layers.elements().size()));
    }
}
